#include "daemon/net/tcp_acceptor.h"

#include <spdlog/spdlog.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "daemon/net/listen_address.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// After an error that would come again at once, such as no descriptor left.
constexpr std::chrono::milliseconds kPause{100};

std::string TextOf(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

struct TcpAcceptor::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& the_context, Accepted the_accepted)
      : context(the_context),
        acceptor(context),
        pause(context),
        accepted(std::move(the_accepted)) {}

  void Accept() {
    acceptor.async_accept(
        context.get_executor(),
        [self = shared_from_this()](error_code error, Socket socket) {
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

  void AcceptLater(const error_code& error) {
    if (!std::exchange(is_troubled, true)) {
      spdlog::warn("connections to {} cannot be accepted for now: {}", address,
                   error.message());
    }
    pause.expires_after(kPause);
    pause.async_wait([self = shared_from_this()](error_code) {
      if (self->acceptor.is_open()) self->Accept();
    });
  }

  boost::asio::io_context& context;
  tcp::acceptor acceptor;
  boost::asio::steady_timer pause;
  const Accepted accepted;
  std::string address;  // As bound.
  bool is_troubled = false;
};

absl::StatusOr<std::unique_ptr<TcpAcceptor>> TcpAcceptor::Listen(
    boost::asio::io_context& context, const std::string& address,
    Accepted accepted) {
  auto state = std::make_shared<State>(context, std::move(accepted));
  const error_code error = ListenAt(address, state->acceptor);
  if (error) return CannotListen(address, error);
  state->address = address.substr(0, address.rfind(':') + 1) +
                   std::to_string(state->acceptor.local_endpoint().port());
  state->Accept();
  return std::unique_ptr<TcpAcceptor>(new TcpAcceptor(std::move(state)));
}

TcpAcceptor::TcpAcceptor(std::shared_ptr<State> state)
    : state_(std::move(state)) {}

const std::string& TcpAcceptor::address() const { return state_->address; }

std::string TcpAcceptor::numeric_address() const {
  return TextOf(state_->acceptor.local_endpoint());
}

TcpAcceptor::~TcpAcceptor() {
  error_code ignored;  // It is closed either way.
  state_->acceptor.close(ignored);
  state_->pause.cancel();
}

}  // namespace interlink::daemon
