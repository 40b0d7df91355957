#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// Listens at an address, and goes on accepting after the system has run out of
// descriptors for a while. A warning is logged when that begins.
//
// Threading: the thread of `context`, or while it does not run.
class TcpAcceptor {
 public:
  // With the loop's own executor, which costs less for each operation than one
  // of any kind. A tcp::socket can be made of it.
  using Socket =
      boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                       boost::asio::io_context::executor_type>;
  using Accepted = std::function<void(Socket)>;

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
  struct State;

  explicit TcpAcceptor(std::shared_ptr<State> state);

  const std::shared_ptr<State> state_;  // Shared with what Asio has queued.
};

}  // namespace interlink::daemon
