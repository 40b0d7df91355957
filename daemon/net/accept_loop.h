#pragma once

#include <spdlog/spdlog.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace interlink::daemon {

// Accepts connections of an open listener, and goes on after the system has run
// out of descriptors for a while. A warning is logged when that begins.
//
// Threading: the thread of `context`, or while it does not run. Lifetime:
// shared with what Asio has queued, until End().
template <class Protocol>
struct AcceptLoop : std::enable_shared_from_this<AcceptLoop<Protocol>> {
  // With the loop's own executor, which costs less for each operation than one
  // of any kind. A Protocol::socket can be made of it.
  using Socket =
      boost::asio::basic_stream_socket<Protocol,
                                       boost::asio::io_context::executor_type>;
  using Accepted = std::function<void(Socket)>;

  AcceptLoop(boost::asio::io_context& the_context, Accepted the_accepted)
      : context(the_context),
        acceptor(context),
        pause(context),
        accepted(std::move(the_accepted)) {}

  void Accept() {
    acceptor.async_accept(
        context.get_executor(),
        [self = this->shared_from_this()](boost::system::error_code error,
                                          Socket socket) {
          if (!self->acceptor.is_open()) return;
          if (error && error != boost::asio::error::connection_aborted) {
            self->AcceptLater(error);
            return;
          }
          if (!error) {
            self->is_troubled = false;
            self->accepted(std::move(socket));
          }
          self->Accept();
        });
  }

  // Accepts no more.
  void End() {
    boost::system::error_code ignored;  // It is closed either way.
    acceptor.close(ignored);
    pause.cancel();
  }

  boost::asio::io_context& context;
  typename Protocol::acceptor acceptor;
  boost::asio::steady_timer pause;
  const Accepted accepted;
  std::string address;  // For the log.
  bool is_troubled = false;

 private:
  // After an error that would come again at once.
  static constexpr std::chrono::milliseconds kPause{100};

  void AcceptLater(const boost::system::error_code& error) {
    if (!std::exchange(is_troubled, true)) {
      spdlog::warn("connections to {} cannot be accepted for now: {}", address,
                   error.message());
    }
    pause.expires_after(kPause);
    pause.async_wait(
        [self = this->shared_from_this()](boost::system::error_code) {
          if (self->acceptor.is_open()) self->Accept();
        });
  }
};

}  // namespace interlink::daemon
