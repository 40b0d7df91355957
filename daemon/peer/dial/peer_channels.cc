#include "daemon/peer/dial/peer_channels.h"

#include <grpcpp/create_channel.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "federation/base/ip_address.h"

namespace interlink::daemon {
namespace {

// How long a channel without session or call is kept.
constexpr std::chrono::minutes kIdle{2};
constexpr std::chrono::seconds kConnectTimeout{3};
constexpr std::chrono::seconds kKeepalive{10};
constexpr std::chrono::seconds kKeepaliveTimeout{5};
// A session's message has at most 64 KiB, and then its framing.
constexpr int kMaxAnswerBytes = 72 * 1024;

std::string KeyOf(const federation::PeerTarget& target) {
  std::string key = target.address + '\0';
  key += target.pin.account_id.ToBytes();
  key += target.pin.root_spki_sha256;
  for (const std::string& root : target.pin.roots) key += '\0' + root;
  return key;
}

// In a URI.
std::string Escaped(const std::string& address) {
  std::string text;
  for (const char c : address) {
    if (c == '[') {
      text += "%5B";
    } else if (c == ']') {
      text += "%5D";
    } else if (c == '%') {
      text += "%25";  // Before the zone of a link-local address.
    } else {
      text += c;
    }
  }
  return text;
}

// Names the resolver, so that no address can name one ("unix:", "xds:").
std::string TargetUri(const std::string& address) {
  return "dns:///" + Escaped(address);
}

// gRPC connects to the first address, and to the next if that is not the pinned
// peer. A list has one family, so IPv4 addresses are written as IPv6 ones,
// which gRPC turns back.
std::string TargetUri(const HostLookup::Endpoints& endpoints) {
  using boost::asio::ip::make_address_v6;
  using boost::asio::ip::v4_mapped;
  std::string uri = "ipv6:";
  for (const auto& endpoint : endpoints) {
    const auto address = endpoint.address();
    const auto v6 = address.is_v6()
                        ? address.to_v6()
                        : make_address_v6(v4_mapped, address.to_v4());
    if (uri.back() != ':') uri += ',';
    uri += Escaped("[" + v6.to_string() + "]") + ":" +
           std::to_string(endpoint.port());
  }
  return uri;
}

bool IsNumeric(const std::string& host) {
  return federation::AddressBytes(host).has_value();
}

int Milliseconds(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

grpc::ChannelArguments ArgumentsFor(const federation::PeerPin& pin) {
  grpc::ChannelArguments arguments;
  // The name in every account's leaf. Whether the leaf is good, PeerCheck
  // decides.
  arguments.SetSslTargetNameOverride(pin.account_id.ToHex() +
                                     ".interlink.internal");
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // A connection is never shared by two pins.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                   Milliseconds(kConnectTimeout));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepalive));
  // Also how long TCP waits for an acknowledgement.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   Milliseconds(kKeepaliveTimeout));
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // An unpacked message could have any size.
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  return arguments;
}

}  // namespace

void PeerChannel::WhenMade(std::weak_ptr<void> caller,
                           absl::AnyInvocable<void()> task) {
  if (channel != nullptr) {
    task();
  } else {
    waiting_.push_back({std::move(caller), std::move(task)});
  }
}

bool PeerChannel::IsAwaited() const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [](const auto& one) { return !one.caller.expired(); });
}

void PeerChannel::SetChannel(std::shared_ptr<grpc::Channel> made) {
  race.reset();
  channel = std::move(made);
  stub = federation::v1::FederationService::NewStub(channel);
  for (Waiting& one : std::exchange(waiting_, {})) {
    if (!one.caller.expired()) one.task();
  }
}

PeerChannels::PeerChannels(AsioEventLoop& loop, const TlsIdentity& identity)
    : loop_(loop), identity_(identity), lookup_(loop) {}

std::shared_ptr<PeerChannel> PeerChannels::Find(
    const federation::PeerTarget& target) {
  const uint64_t serial = identity_.current()->serial;
  if (serial != serial_) {
    // Calls under way keep the connections that show the old leaf.
    channels_.clear();
    serial_ = serial;
  }
  std::string key = KeyOf(target);
  const auto found = channels_.find(key);
  const auto channel =
      found != channels_.end() ? found->second : Make(target, std::move(key));
  channel->last_used = loop_.Now();
  return channel;
}

std::shared_ptr<PeerChannel> PeerChannels::Make(
    const federation::PeerTarget& target, std::string key) {
  if (channels_.size() >= kMost) DropOldest();
  auto made = std::make_shared<PeerChannel>();
  made->key = key;
  made->check = std::make_shared<PeerCheck>(target.pin, loop_);
  channels_[std::move(key)] = made;
  const size_t colon = target.address.rfind(':');
  const std::string host = target.address.substr(0, colon);
  if (IsNumeric(host)) {
    Connect(*made, TargetUri(target.address));
  } else {
    Search(made, host, target.address.substr(colon + 1));
  }
  if (idle_timer_ == nullptr) {
    idle_timer_ = loop_.After(kIdle, [this] { DropIdle(); });
  }
  return made;
}

void PeerChannels::Search(const std::shared_ptr<PeerChannel>& made,
                          const std::string& host, const std::string& port) {
  // `made` lives for as long as it is in `channels_` or has callers.
  lookup_.Find(host, port, made,
               [this, weak = std::weak_ptr(made),
                address = host + ":" + port](HostLookup::Found found) {
                 const auto channel = weak.lock();
                 if (!found.ok()) {
                   // gRPC asks in its own way, and says what is wrong.
                   ConnectAwaited(*channel, TargetUri(address));
                 } else if (found->size() > 1) {
                   Race(channel, *std::move(found));
                 } else {
                   ConnectAwaited(*channel, TargetUri(*found));
                 }
               });
}

void PeerChannels::Race(const std::shared_ptr<PeerChannel>& made,
                        HostLookup::Endpoints endpoints) {
  made->race = AddressRace::Start(
      loop_.context(), std::move(endpoints), {},
      [this, weak = std::weak_ptr(made)](AddressRace::Endpoints in_turn) {
        ConnectAwaited(*weak.lock(), TargetUri(in_turn));
      });
}

void PeerChannels::ConnectAwaited(PeerChannel& made, const std::string& uri) {
  if (made.IsAwaited()) {
    Connect(made, uri);
  } else {
    Drop(made);  // The addresses may have changed by the next call.
  }
}

void PeerChannels::Connect(PeerChannel& made, const std::string& uri) {
  made.SetChannel(grpc::CreateCustomChannel(
      uri, PeerChannelCredentials(*identity_.current(), made.check),
      ArgumentsFor(made.check->pin())));
}

void PeerChannels::Failed(const PeerChannel& channel) {
  // The search is still going on, or only one answer was late: no reason to
  // connect anew.
  if (channel.channel == nullptr ||
      channel.channel->GetState(false) == GRPC_CHANNEL_READY) {
    return;
  }
  Drop(channel);
}

void PeerChannels::Drop(const PeerChannel& channel) {
  const auto found = channels_.find(channel.key);
  if (found == channels_.end() || found->second.get() != &channel) return;
  channels_.erase(found);
}

void PeerChannels::DropOldest() {
  channels_.erase(std::min_element(
      channels_.begin(), channels_.end(), [](const auto& a, const auto& b) {
        return a.second->last_used < b.second->last_used;
      }));
}

void PeerChannels::DropIdle() {
  const federation::SteadyTime oldest = loop_.Now() - kIdle;
  absl::erase_if(channels_, [oldest](const auto& channel) {
    // A stream that is open keeps its connection for calls too.
    return channel.second->last_used <= oldest &&
           channel.second.use_count() == 1;
  });
  idle_timer_.reset();
  if (channels_.empty()) return;
  idle_timer_ = loop_.After(kIdle, [this] { DropIdle(); });
}

}  // namespace interlink::daemon
