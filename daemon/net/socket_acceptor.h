#pragma once

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/net/accept_loop.h"

namespace interlink::daemon {

// Listens on a unix socket and accepts as AcceptLoop does.
//
// Threading: the thread of `context`, or while it does not run.
class SocketAcceptor {
 public:
  using State = AcceptLoop<boost::asio::local::stream_protocol>;
  using Socket = State::Socket;
  using Accepted = State::Accepted;

  // Makes the socket at `path`, instead of one that nobody serves. Errors:
  // UNAVAILABLE, and nothing is left at `path`.
  static absl::StatusOr<std::unique_ptr<SocketAcceptor>> Listen(
      boost::asio::io_context& context, const std::string& path,
      Accepted accepted);
  // Accepts no more. Removes the socket, unless it was moved.
  ~SocketAcceptor();
  SocketAcceptor(const SocketAcceptor&) = delete;
  SocketAcceptor& operator=(const SocketAcceptor&) = delete;

 private:
  SocketAcceptor(std::shared_ptr<State> state, const struct stat& made)
      : state_(std::move(state)), made_(made) {}

  const std::shared_ptr<State> state_;  // Shared with what Asio has queued.
  const struct stat made_;              // The socket at `path`.
};

}  // namespace interlink::daemon
