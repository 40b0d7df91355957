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

// `status` as gRPC gave it, in words that an administrator understands: what
// the peer itself said, else what was amiss with whoever answered at the
// address, else why nobody did. Loop only.
PeerVerdict VerdictOf(const grpc::Status& status, const PeerChannel& channel,
                      const std::string& address,
                      federation::Duration timeout = {});

}  // namespace interlink::daemon
