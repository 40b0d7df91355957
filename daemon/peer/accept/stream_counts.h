#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace interlink::daemon {

// How many streams of a connection gRPC holds memory for, as its channelz
// counts them for servers with GRPC_ARG_ENABLE_CHANNELZ. Nothing else tells: a
// unary call that sent only its headers, or was reset at once, never reaches a
// handler or an interceptor, and takes some 13 KB until gRPC ends it.
//
// Threading: one thread, or the caller's lock.
class StreamCounts {
 public:
  using Socket = intptr_t;  // A connection, as channelz numbers it.

  // Calls `found` for each connection, of all servers in the process, that has
  // finished its handshake since the last call; perhaps also for some that were
  // found before. `peer` is what ServerContext::peer() says.
  void FindNew(
      const std::function<void(const std::string& peer, Socket socket)>& found);

  // nullopt if the connection has ended.
  static std::optional<int64_t> OpenOn(Socket socket);

 private:
  Socket last_ = 0;
};

}  // namespace interlink::daemon
