#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/net/accept_loop.h"

namespace interlink::daemon {

// Listens at an address and accepts as AcceptLoop does.
//
// Threading: the thread of `context`, or while it does not run.
class TcpAcceptor {
 public:
  using State = AcceptLoop<boost::asio::ip::tcp>;
  using Socket = State::Socket;
  using Accepted = State::Accepted;

  // `address` is "host:port", the port 0 for the system to choose. Errors:
  // CannotListen().
  static absl::StatusOr<std::unique_ptr<TcpAcceptor>> Listen(
      boost::asio::io_context& context, const std::string& address,
      Accepted accepted);
  // Accepts no more.
  ~TcpAcceptor();
  TcpAcceptor(const TcpAcceptor&) = delete;
  TcpAcceptor& operator=(const TcpAcceptor&) = delete;

  // "host:port" with the host as it was given and the port as bound.
  const std::string& address() const;
  // The same with the host's address as bound.
  std::string numeric_address() const;

 private:
  explicit TcpAcceptor(std::shared_ptr<State> state);

  const std::shared_ptr<State> state_;  // Shared with what Asio has queued.
};

}  // namespace interlink::daemon
