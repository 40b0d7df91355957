#include "daemon/cli/page/page_server.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <utility>

#include "daemon/cli/page/listen_address.h"
#include "daemon/cli/page/page_connection.h"

namespace interlink::cli {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds kAcceptPause{200};

}  // namespace

class PageServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(PageLoop& loop, Sessions& sessions, ConnectServer& api,
           Options options)
      : acceptor_(loop.context()),
        pause_(loop.context()),
        sessions_(sessions),
        api_(api),
        options_(std::move(options)) {}

  grpc::Status Listen() {
    tcp::endpoint endpoint;
    grpc::Status status = ReadListenAddress(options_.listen, &endpoint);
    if (!status.ok()) return status;
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error)
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) address_ = TextOf(acceptor_.local_endpoint(error));
    if (!error) return status;
    return ListenInvalid("cannot listen at " + TextOf(endpoint) + ": " +
                         error.message() +
                         "; --listen names another place, and port 0 has the "
                         "system choose a port");
  }

  void Accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](error_code error, tcp::socket socket) {
          if (error == asio::error::operation_aborted) return;
          if (!error) self->Accepted(std::move(socket));
          // Without descriptors it fails at once, again and again, so there is
          // a pause unless one could be freed.
          if (!error || self->EndOne()) return self->Accept();
          self->AcceptLater();
        });
  }

  void Close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (PageConnection* connection : connections_) connection->Close();
  }

  const std::string& address() const { return address_; }

 private:
  void AcceptLater() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && self->acceptor_.is_open()) self->Accept();
    });
  }

  void Accepted(tcp::socket socket) {
    if (!acceptor_.is_open()) return;  // It came while this ended.
    if (connections_.size() >= options_.connections && !EndOne()) return;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto place = connections_.insert(connections_.end(), nullptr);
    const auto connection = std::make_shared<PageConnection>(
        std::move(socket), sessions_, api_, options_,
        [self = shared_from_this(), place] {
          self->connections_.erase(place);
        });
    *place = connection.get();
    connection->Start();
  }

  // Whether one could be ended: the oldest that has shown no session. It leaves
  // the list when its last handler has run.
  bool EndOne() {
    const auto oldest = std::find_if(
        connections_.begin(), connections_.end(),
        [](const PageConnection* one) { return !one->is_known(); });
    if (oldest == connections_.end()) return false;
    (*oldest)->Close();
    return true;
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  Sessions& sessions_;
  ConnectServer& api_;
  const Options options_;
  std::string address_;
  std::list<PageConnection*> connections_;  // The oldest first.
};

PageServer::PageServer(std::shared_ptr<Listener> listener)
    : listener_(std::move(listener)) {}

PageServer::~PageServer() { listener_->Close(); }

grpc::Status PageServer::Start(PageLoop& loop, Sessions& sessions,
                               ConnectServer& api, Options options,
                               std::unique_ptr<PageServer>* server) {
  const auto listener =
      std::make_shared<Listener>(loop, sessions, api, std::move(options));
  grpc::Status status = listener->Listen();
  if (!status.ok()) return status;
  listener->Accept();
  server->reset(new PageServer(listener));
  return status;
}

const std::string& PageServer::address() const { return listener_->address(); }

}  // namespace interlink::cli
