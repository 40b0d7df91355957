#include "daemon/peer/accept/peer_listener.h"

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <future>
#include <mutex>
#include <utility>

#include "daemon/net/tcp_acceptor.h"
#include "daemon/peer/accept/peer_connections.h"
#include "daemon/peer/accept/peer_servers.h"
#include "daemon/peer/accept/proxied_sockets.h"
#include "daemon/rpc/end_in_time.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kShutdownGrace{1};

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
             .flooded = [&service](auto id) { service.HoldFlooder(id); }}),
        proxied_(loop, options.trusted_proxies, options.handshake_timeout,
                 [this](tcp::socket socket, const tcp::endpoint& from) {
                   HandOver(std::move(socket), from);
                 }) {}

  absl::Status Start(const Options& options) {
    auto acceptor =
        TcpAcceptor::Listen(loop_.context(), options.address,
                            [weak = weak_from_this()](tcp::socket socket) {
                              if (const auto self = weak.lock())
                                self->Accepted(std::move(socket));
                            });
    if (!acceptor.ok()) return acceptor.status();
    acceptor_ = *std::move(acceptor);
    bound_address_ = acceptor_->numeric_address();
    if (auto status = servers_.Start(); !status.ok()) return status;
    service_.SetConnections(connections_);
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
      const auto deadline = loop_.WallNow() + kShutdownGrace;
      EndInTime(
          deadline, [this, deadline] { servers_.Shutdown(deadline); },
          [this] { connections_.BreakAll(); });
      OnLoop([this] { service_.ForgetConnections(); });
    });
  }

  void Close() {
    acceptor_.reset();
    proxied_.Clear();
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

  void Accepted(tcp::socket socket) {
    boost::system::error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // It is gone already.
    if (proxied_.Trusts(remote)) {
      proxied_.Read(std::move(socket), remote);
    } else {
      HandOver(std::move(socket), remote);
    }
  }

  void HandOver(tcp::socket socket, const tcp::endpoint& from) {
    boost::system::error_code error;
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
  std::unique_ptr<TcpAcceptor> acceptor_;  // Until Close().
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
