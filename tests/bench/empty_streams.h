#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/tls/tls_identity.h"
#include "federation/base/event_loop.h"
#include "federation/identity/peer_verification.h"

namespace interlink::bench {

// Bidirectional streams over mutual TLS that do nothing: what a session cannot
// cost less than. Each has a connection of its own.
class EmptyStreams {
 public:
  // Opens `count`, and returns when each has been answered.
  EmptyStreams(const daemon::TlsIdentity& identity, federation::EventLoop& loop,
               const std::string& address, const federation::PeerPin& pin,
               int count);
  ~EmptyStreams();

 private:
  class Stream;

  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace interlink::bench
