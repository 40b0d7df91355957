#include "daemon/peer_channels.h"

#include <grpcpp/create_channel.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace interlink::daemon {
namespace {

// Without a session and without a call.
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

// Names the resolver, so that no address can name one ("unix:", "xds:").
std::string TargetUri(const std::string& address) {
  std::string uri = "dns:///";
  for (const char c : address) {
    if (c == '[') {
      uri += "%5B";
    } else if (c == ']') {
      uri += "%5D";
    } else {
      uri += c;
    }
  }
  return uri;
}

int Milliseconds(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

grpc::ChannelArguments ArgumentsFor(const federation::PeerPin& pin) {
  grpc::ChannelArguments arguments;
  // The name in every account's leaf; it is the PeerCheck that decides.
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
  // The size of what is unpacked would not be bounded.
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  return arguments;
}

}  // namespace

PeerChannels::PeerChannels(federation::EventLoop& loop,
                           const TlsIdentity& identity)
    : loop_(loop), identity_(identity) {}

std::shared_ptr<PeerChannel> PeerChannels::Find(
    const federation::PeerTarget& target) {
  const uint64_t serial = identity_.current()->serial;
  if (serial != serial_) {
    // Calls under way end over the connections that show the old leaf.
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
  made->channel = grpc::CreateCustomChannel(
      TargetUri(target.address),
      PeerChannelCredentials(*identity_.current(), made->check),
      ArgumentsFor(target.pin));
  made->stub = federation::v1::FederationService::NewStub(made->channel);
  channels_[std::move(key)] = made;
  if (idle_timer_ == nullptr) {
    idle_timer_ = loop_.After(kIdle, [this] { DropIdle(); });
  }
  return made;
}

void PeerChannels::Failed(const PeerChannel& channel) {
  // One answer that comes late is no reason to connect anew.
  if (channel.channel->GetState(false) == GRPC_CHANNEL_READY) return;
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
