#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// Listens on a unix socket, and goes on accepting after the system has run out
// of descriptors for a while. A warning is logged when that begins.
//
// Threading: the thread of `context`, or while it does not run.
class SocketAcceptor {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;
  using Accepted = std::function<void(Socket)>;

  // Makes the socket at `path`, instead of one that nobody serves. Errors:
  // UNAVAILABLE, and nothing is left at `path`.
  static absl::StatusOr<std::unique_ptr<SocketAcceptor>> Listen(
      boost::asio::io_context& context, const std::string& path,
      Accepted accepted);
  // Accepts no more. What is at `path` stays.
  ~SocketAcceptor();
  SocketAcceptor(const SocketAcceptor&) = delete;
  SocketAcceptor& operator=(const SocketAcceptor&) = delete;

 private:
  struct State;

  explicit SocketAcceptor(std::shared_ptr<State> state);

  const std::shared_ptr<State> state_;  // Shared with what Asio has queued.
};

}  // namespace interlink::daemon
