#include "daemon/sip/sip_listener.h"

#include <spdlog/spdlog.h>

#include <map>
#include <utility>

#include "daemon/net/connection_places.h"
#include "daemon/net/once_per_source.h"
#include "daemon/net/source_network.h"
#include "daemon/net/tcp_acceptor.h"
#include "daemon/net/turned_away.h"
#include "daemon/pbx/door_bounds.h"
#include "daemon/sip/sip_connection.h"
#include "daemon/sip/sip_server.h"
#include "daemon/sip/sip_udp_socket.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// The request follows the end of TCP's handshake at once, so it is late by what
// the way delays it.
constexpr std::chrono::milliseconds kTimeToAsk{50};
// How often the system's port may be taken for the other protocol.
constexpr int kPortTries = 20;

std::string WithPort(const std::string& address, uint16_t port) {
  return address.substr(0, address.rfind(':') + 1) + std::to_string(port);
}

}  // namespace

// The sockets, and the server behind them.
//
// Threading: the thread of `loop`, or while it does not run.
class SipListener::Doors final : public SipConnection::Owner {
 public:
  Doors(AsioEventLoop& loop, CallDirectory& calls, SipCounters& counters,
        const Options& options)
      : loop_(loop),
        counters_(counters),
        allowed_(options.allowed),
        turned_away_(loop, "--sip-listen"),
        server_(loop, calls, counters, options.seed) {}
  ~Doors() override {
    for (const auto& [connection, place] : places_of_) connection->Abandon();
  }

  SipServer& server() { return server_; }
  void SetAllowed(std::vector<AddressRange> allowed) {
    allowed_ = std::move(allowed);
  }
  uint64_t turned_away() const { return turned_away_.count(); }
  std::string numeric_address() const { return udp_->numeric_address(); }

  // The port that both protocols have.
  absl::StatusOr<uint16_t> Open(const std::string& address) {
    const bool is_any_port = address.ends_with(":0");
    for (int tries = is_any_port ? kPortTries : 1;; --tries) {
      const auto status = OpenOnce(address);
      if (status.ok()) return udp_->port();
      if (tries == 1) return status;
    }
  }

 private:
  absl::Status OpenOnce(const std::string& address) {
    auto udp = SipUdpSocket::Open(
        loop_.context(), address,
        {.is_allowed =
             [this](const SipSource& source) {
               return CheckAllowed(source.address);
             },
         .received = [this](
                         std::string_view datagram, const SipSource& source,
                         ReplyPath& path) { Datagram(datagram, source, path); },
         .too_long =
             [this](const SipSource& source) {
               server_.Drop(source, "a datagram has more than 8 KiB");
             }});
    if (!udp.ok()) return udp.status();
    udp_ = *std::move(udp);
    auto tcp = TcpAcceptor::Listen(
        loop_.context(), WithPort(address, udp_->port()),
        [this](tcp::socket socket) { Accepted(std::move(socket)); });
    if (!tcp.ok()) return tcp.status();
    tcp_ = *std::move(tcp);
    return absl::OkStatus();
  }

  bool CheckAllowed(const boost::asio::ip::address& address) {
    if (AnyContains(allowed_, address)) return true;
    ++counters_.not_allowed;
    const std::string network = NetworkOf(address);
    if (not_allowed_.MayLog(network, loop_.Now())) {
      spdlog::warn(
          "SIP from {} is not answered, because --sip-allow does not "
          "have it",
          network);
    }
    return false;
  }

  void Datagram(std::string_view datagram, const SipSource& source,
                ReplyPath& path) {
    while (datagram.starts_with("\r\n")) datagram.remove_prefix(2);
    if (datagram.empty() || datagram == std::string_view("\0", 1)) {
      return;  // It keeps a NAT open.
    }
    constexpr std::string_view kHeadEnd = "\r\n\r\n";
    const size_t end = datagram.find(kHeadEnd);
    const size_t size =
        end == datagram.npos ? datagram.size() : end + kHeadEnd.size();
    server_.Receive(datagram.substr(0, size), datagram.size() - size, source,
                    path);
  }

  void Accepted(tcp::socket socket) {
    error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // It is gone already.
    const SipSource source{.address = PlainAddress(remote.address()),
                           .port = remote.port(),
                           .is_stream = true};
    if (!CheckAllowed(source.address)) return;
    const auto connection = std::make_shared<SipConnection>(
        std::move(socket), source, *this, loop_);
    const std::string network = NetworkOf(source.address);
    const auto place =
        places_.Take(network, loop_.Now(),
                     [this, network, weak = std::weak_ptr(connection)] {
                       turned_away_.Add(network);
                       if (const auto evicted = weak.lock()) evicted->Close();
                     });
    if (!place) {
      turned_away_.Add(network);
      return;
    }
    places_of_[connection.get()] = *place;
    connection->Start();
  }

  void Received(SipConnection& connection, std::string_view head,
                size_t body_bytes) override {
    // The settings may have changed since it was accepted.
    if (!CheckAllowed(connection.source().address)) return connection.Close();
    server_.Receive(head, body_bytes, connection.source(), connection);
    // Whoever has been silent for longest gives way first.
    const auto place = places_of_.at(&connection);
    places_.Unsettle(place, loop_.Now());
  }
  void Garbage(SipConnection& connection) override {
    server_.Drop(connection.source(), "a message has more than 64 KiB");
  }
  void Ended(SipConnection& connection) override {
    const auto node = places_of_.extract(&connection);
    if (!node.empty()) places_.Leave(node.mapped());
  }

  AsioEventLoop& loop_;
  SipCounters& counters_;
  std::vector<AddressRange> allowed_;
  OncePerSource not_allowed_;
  ConnectionPlaces places_{{.in_all = kMaxDoorConnections,
                            .silent_in_all = kMaxDoorConnections,
                            .silent_per_source = kMaxSilentDoorConnections,
                            .time_to_speak = kTimeToAsk}};
  TurnedAway turned_away_;
  std::map<SipConnection*, ConnectionPlaces::Id> places_of_;
  std::unique_ptr<SipUdpSocket> udp_;
  std::unique_ptr<TcpAcceptor> tcp_;
  SipServer server_;  // Its answers go by the sockets.
};

absl::StatusOr<std::unique_ptr<SipListener>> SipListener::Start(
    const Options& options, const MakeDirectory& make_directory) {
  std::unique_ptr<SipListener> listener(new SipListener);
  AsioEventLoop& loop = listener->thread_.loop();
  listener->calls_ = make_directory(loop);
  listener->doors_ = std::make_unique<Doors>(loop, *listener->calls_,
                                             listener->counters_, options);
  const auto port = listener->doors_->Open(options.address);
  if (!port.ok()) return port.status();
  listener->address_ = WithPort(options.address, *port);
  listener->numeric_address_ = listener->doors_->numeric_address();
  listener->thread_.Start();
  return listener;
}

SipListener::SipListener() = default;

SipListener::~SipListener() { thread_.Stop(); }

void SipListener::SetServing(bool is_serving) {
  doors_->server().SetServing(is_serving);
}

void SipListener::SetAllowed(std::vector<AddressRange> allowed) {
  thread_.loop().Post([this, allowed = std::move(allowed)]() mutable {
    doors_->SetAllowed(std::move(allowed));
  });
}

uint64_t SipListener::turned_away() const { return doors_->turned_away(); }

}  // namespace interlink::daemon
