#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "daemon/peer/dial/peer_channels.h"

namespace interlink::daemon {

// How a call or stream to a peer ended.
struct PeerVerdict {
  absl::Status status;
  bool from_peer = false;  // As in federation::PeerAnswer.
};

// The outcome of a call that ended with gRPC's `status`, in words for the
// administrator: the peer's own, else what was wrong with whoever answered at
// the address, else why nobody did. Loop only.
PeerVerdict VerdictOf(const grpc::Status& status, const PeerChannel& channel,
                      const std::string& address,
                      federation::Duration timeout = {});

}  // namespace interlink::daemon
