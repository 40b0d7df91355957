#include "daemon/peer/accept/peer_listener.h"

#include <spdlog/spdlog.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <future>
#include <mutex>
#include <string_view>
#include <utility>

#include "daemon/peer/accept/peer_connections.h"
#include "daemon/peer/accept/peer_servers.h"
#include "daemon/peer/accept/proxied_sockets.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kShutdownGrace{1};
// After an error that would come again at once, such as no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{100};

absl::Status Refused(const std::string& address, const error_code& error) {
  return absl::UnavailableError("cannot listen for peers at " + address + ": " +
                                error.message());
}

absl::StatusOr<tcp::endpoint> Resolve(boost::asio::io_context& context,
                                      const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (colon == address.npos || host.empty()) {
    return absl::InvalidArgumentError(
        "the address to listen at must be HOST:PORT, such as 0.0.0.0:7443 or "
        "[::]:7443, and not '" +
        address + "'");
  }
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  error_code error;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(
      host, address.substr(colon + 1),
      tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) return Refused(address, error);
  return found.begin()->endpoint();
}

error_code Listen(const tcp::endpoint& endpoint, tcp::acceptor& acceptor) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

std::string TextOf(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

// Accepts on the loop, and hands connections to gRPC.
class PeerListener::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(AsioEventLoop& loop, const TlsIdentity& identity,
           FederationService& service, const Options& options)
      : loop_(loop),
        service_(service),
        servers_(identity, service, options.handshake_timeout,
                 options.counts_streams),
        connections_(
            loop,
            {.places = {.in_all = static_cast<size_t>(options.max_connections),
                        .silent_in_all =
                            static_cast<size_t>(options.max_unlinked),
                        .silent_per_source = static_cast<size_t>(
                            options.max_unlinked_per_source),
                        .time_to_speak = options.time_to_link},
             .unlinked = options.unlinked_timeout},
            {.linked = [&service](auto id) { service.ForgetIfGone(id); },
             .flooded = [&service](auto id) { service.BackOff(id); }}),
        proxied_(loop, options.trusted_proxies, options.handshake_timeout,
                 [this](tcp::socket socket, const tcp::endpoint& from) {
                   HandOver(std::move(socket), from);
                 }),
        acceptor_(loop.context()),
        pause_(loop.context()) {}

  absl::Status Start(const Options& options) {
    auto endpoint = Resolve(loop_.context(), options.address);
    if (!endpoint.ok()) return endpoint.status();
    error_code error = Listen(*endpoint, acceptor_);
    if (error) return Refused(options.address, error);
    bound_address_ = TextOf(acceptor_.local_endpoint());
    if (auto status = servers_.Start(); !status.ok()) return status;
    service_.SetConnections(connections_);
    Accept();
    return absl::OkStatus();
  }

  void Shutdown() {
    std::call_once(shutdown_, [this] {
      loop_.Post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
          self->Close();
          self->service_.EndSessions();
        }
      });
      servers_.Shutdown(loop_.WallNow() + kShutdownGrace);
      OnLoop([this] { service_.ForgetConnections(); });
    });
  }

  void Close() {
    error_code ignored;
    acceptor_.close(ignored);
    proxied_.Clear();
    pause_.cancel();
  }

  const std::string& bound_address() const { return bound_address_; }
  const PeerConnections& connections() const { return connections_; }

 private:
  // Waits for it.
  void OnLoop(const std::function<void()>& task) {
    if (loop_.IsLoopThread()) return task();
    std::promise<void> done;
    loop_.Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  void Accept() {
    acceptor_.async_accept(
        [weak = weak_from_this()](const error_code& error, tcp::socket socket) {
          const auto self = weak.lock();
          if (self == nullptr || !self->acceptor_.is_open()) return;
          if (error && error != boost::asio::error::connection_aborted) {
            self->AcceptLater(error);
            return;
          }
          if (!error) self->Accepted(std::move(socket));
          self->Accept();
        });
  }

  void AcceptLater(const error_code& error) {
    if (!is_troubled_) {
      spdlog::warn("peers cannot connect for now: {}", error.message());
    }
    is_troubled_ = true;
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([weak = weak_from_this()](const error_code& called_off) {
      const auto self = weak.lock();
      if (self != nullptr && !called_off && self->acceptor_.is_open()) {
        self->Accept();
      }
    });
  }

  void Accepted(tcp::socket socket) {
    is_troubled_ = false;
    error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // It is gone already.
    if (proxied_.Trusts(remote)) {
      proxied_.Read(std::move(socket), remote);
    } else {
      HandOver(std::move(socket), remote);
    }
  }

  void HandOver(tcp::socket socket, const tcp::endpoint& from) {
    error_code error;
    socket.non_blocking(true, error);
    socket.set_option(tcp::no_delay(true), error);
    if (error || !connections_.Add(socket, from)) return;  // Closes it.
    servers_.HandOver(std::move(socket));
  }

  AsioEventLoop& loop_;
  FederationService& service_;
  PeerServers servers_;
  PeerConnections connections_;
  ProxiedSockets proxied_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  bool is_troubled_ = false;
  std::string bound_address_;
  std::once_flag shutdown_;
};

absl::StatusOr<std::unique_ptr<PeerListener>> PeerListener::Start(
    AsioEventLoop& loop, const TlsIdentity& identity,
    FederationService& service, const Options& options) {
  auto acceptor = std::make_shared<Acceptor>(loop, identity, service, options);
  if (auto status = acceptor->Start(options); !status.ok()) return status;
  return std::unique_ptr<PeerListener>(new PeerListener(std::move(acceptor)));
}

PeerListener::PeerListener(std::shared_ptr<Acceptor> acceptor)
    : acceptor_(std::move(acceptor)) {}

PeerListener::~PeerListener() {
  Shutdown();
  acceptor_->Close();
}

const std::string& PeerListener::bound_address() const {
  return acceptor_->bound_address();
}

void PeerListener::Shutdown() { acceptor_->Shutdown(); }

int PeerListener::open_connections() const {
  return acceptor_->connections().open();
}

uint64_t PeerListener::refused_connections() const {
  return acceptor_->connections().refused();
}

uint64_t PeerListener::unlinked_timeouts() const {
  return acceptor_->connections().timed_out();
}

uint64_t PeerListener::flooding_connections() const {
  return acceptor_->connections().broken_off();
}

}  // namespace interlink::daemon
