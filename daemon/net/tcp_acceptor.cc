#include "daemon/net/tcp_acceptor.h"

#include <utility>

#include "daemon/net/listen_address.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::string TextOf(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

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

TcpAcceptor::~TcpAcceptor() { state_->End(); }

}  // namespace interlink::daemon
