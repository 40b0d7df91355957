#include "daemon/net/tcp_acceptor.h"

#include <chrono>
#include <utility>

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// After an error that would come again at once, such as no descriptor left.
constexpr std::chrono::milliseconds kPause{100};

error_code Open(const std::string& host, const std::string& port,
                tcp::acceptor& acceptor) {
  error_code error;
  tcp::resolver resolver(acceptor.get_executor());
  const auto found =
      resolver.resolve(host, port, tcp::resolver::passive, error);
  if (error) return error;
  const tcp::endpoint endpoint = *found.begin();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

}  // namespace

struct TcpAcceptor::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& context, Accepted the_accepted)
      : acceptor(context), pause(context), accepted(std::move(the_accepted)) {}

  void Accept() {
    acceptor.async_accept(
        [self = shared_from_this()](error_code error, tcp::socket socket) {
          if (!self->acceptor.is_open()) return;
          if (error) {
            self->AcceptLater();
            return;
          }
          self->accepted(std::move(socket));
          self->Accept();
        });
  }

  void AcceptLater() {
    pause.expires_after(kPause);
    pause.async_wait([self = shared_from_this()](error_code) {
      if (self->acceptor.is_open()) self->Accept();
    });
  }

  tcp::acceptor acceptor;
  boost::asio::steady_timer pause;
  const Accepted accepted;
};

absl::StatusOr<std::unique_ptr<TcpAcceptor>> TcpAcceptor::Listen(
    boost::asio::io_context& context, const std::string& address,
    Accepted accepted) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  auto state = std::make_shared<State>(context, std::move(accepted));
  const error_code error =
      Open(host, address.substr(colon + 1), state->acceptor);
  if (error) return absl::UnavailableError(error.message());
  const uint16_t port = state->acceptor.local_endpoint().port();
  state->Accept();
  return std::unique_ptr<TcpAcceptor>(new TcpAcceptor(
      std::move(state), address.substr(0, colon + 1) + std::to_string(port)));
}

TcpAcceptor::TcpAcceptor(std::shared_ptr<State> state, std::string address)
    : state_(std::move(state)), address_(std::move(address)) {}

TcpAcceptor::~TcpAcceptor() {
  error_code ignored;  // It is closed either way.
  state_->acceptor.close(ignored);
  state_->pause.cancel();
}

}  // namespace interlink::daemon
