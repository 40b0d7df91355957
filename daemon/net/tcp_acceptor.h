#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// Listens at an address, and goes on accepting when the system has run out of
// descriptors for a while.
//
// Threading: the thread of `context`, or while it does not run.
class TcpAcceptor {
 public:
  using Accepted = std::function<void(boost::asio::ip::tcp::socket)>;
  using Troubled = std::function<void(const std::string& why)>;

  // `address` is "host:port", the port 0 for the system to choose. `troubled`
  // is called when connections can no longer be accepted, and not again before
  // one has been. Errors: UNAVAILABLE, saying why.
  static absl::StatusOr<std::unique_ptr<TcpAcceptor>> Listen(
      boost::asio::io_context& context, const std::string& address,
      Accepted accepted, Troubled troubled = nullptr);
  // Calls neither any more.
  ~TcpAcceptor();
  TcpAcceptor(const TcpAcceptor&) = delete;
  TcpAcceptor& operator=(const TcpAcceptor&) = delete;

  // "host:port" with the host as it was given and the port as bound.
  const std::string& address() const { return address_; }
  // The same with the host's address as bound.
  std::string numeric_address() const;

 private:
  struct State;

  TcpAcceptor(std::shared_ptr<State> state, const std::string& address);

  const std::shared_ptr<State> state_;  // Shared with what Asio has queued.
  const boost::asio::ip::tcp::endpoint bound_;
  const std::string address_;
};

}  // namespace interlink::daemon
