#include "daemon/net/tcp_acceptor.h"

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
  State(boost::asio::io_context& context, Accepted the_accepted,
        Troubled the_troubled)
      : acceptor(context),
        pause(context),
        accepted(std::move(the_accepted)),
        troubled(std::move(the_troubled)) {}

  void Accept() {
    acceptor.async_accept(
        [self = shared_from_this()](error_code error, tcp::socket socket) {
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
    if (!std::exchange(is_troubled, true) && troubled) {
      troubled(error.message());
    }
    pause.expires_after(kPause);
    pause.async_wait([self = shared_from_this()](error_code) {
      if (self->acceptor.is_open()) self->Accept();
    });
  }

  tcp::acceptor acceptor;
  boost::asio::steady_timer pause;
  const Accepted accepted;
  const Troubled troubled;
  bool is_troubled = false;
};

absl::StatusOr<std::unique_ptr<TcpAcceptor>> TcpAcceptor::Listen(
    boost::asio::io_context& context, const std::string& address,
    Accepted accepted, Troubled troubled) {
  auto state = std::make_shared<State>(context, std::move(accepted),
                                       std::move(troubled));
  const error_code error = ListenAt(address, state->acceptor);
  if (error) return absl::UnavailableError(error.message());
  state->Accept();
  return std::unique_ptr<TcpAcceptor>(
      new TcpAcceptor(std::move(state), address));
}

TcpAcceptor::TcpAcceptor(std::shared_ptr<State> state,
                         const std::string& address)
    : state_(std::move(state)),
      bound_(state_->acceptor.local_endpoint()),
      address_(address.substr(0, address.rfind(':') + 1) +
               std::to_string(bound_.port())) {}

std::string TcpAcceptor::numeric_address() const { return TextOf(bound_); }

TcpAcceptor::~TcpAcceptor() {
  error_code ignored;  // It is closed either way.
  state_->acceptor.close(ignored);
  state_->pause.cancel();
}

}  // namespace interlink::daemon
