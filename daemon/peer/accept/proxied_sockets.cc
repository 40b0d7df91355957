#include "daemon/peer/accept/proxied_sockets.h"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string_view>
#include <utility>

#include "daemon/net/source_network.h"
#include "daemon/peer/accept/proxy_header.h"

namespace interlink::daemon {

using boost::asio::ip::tcp;
using boost::system::error_code;

// One connection. Handlers that Asio still has queued keep it alive, but find
// it closed.
class ProxiedSockets::Waiting : public std::enable_shared_from_this<Waiting> {
  // Calls `next` if it worked and this still waits.
  template <class Next>
  auto Guarded(Next next) {
    return [self = shared_from_this(), next](const error_code& error,
                                             auto... /*size*/) {
      if (self->is_closed_) return;
      if (error) {
        self->owner_.Done(self->number_);
      } else {
        next();
      }
    };
  }

 public:
  Waiting(ProxiedSockets& owner, uint64_t number, tcp::socket socket,
          const Endpoint& proxy)
      : owner_(owner),
        number_(number),
        socket_(std::move(socket)),
        proxy_(proxy),
        timer_(owner.loop_.context()) {}

  void Begin() {
    error_code ignored;  // The first read reports it.
    socket_.non_blocking(true, ignored);
    timer_.expires_after(owner_.patience_);
    timer_.async_wait(Guarded([this] { owner_.Done(number_); }));
    socket_.async_wait(tcp::socket::wait_read, Guarded([this] { Peek(); }));
  }

  // No handler does anything afterwards.
  void Close() {
    is_closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

 private:
  void Peek() {
    char first = 0;
    error_code error;
    socket_.receive(boost::asio::buffer(&first, 1), tcp::socket::message_peek,
                    error);
    if (error) {
      owner_.Done(number_);
    } else if (first != proxy_header::kFirstByte) {
      HandOver(proxy_);
    } else {
      async_read(socket_, boost::asio::buffer(fixed_),
                 Guarded([this] { ReadFollowing(); }));
    }
  }

  void ReadFollowing() {
    const auto size = proxy_header::FollowingSize(Fixed());
    if (!size.ok()) {
      Refuse(size.status());
      return;
    }
    following_.resize(*size);
    async_read(socket_, boost::asio::buffer(following_),
               Guarded([this] { Finish(); }));
  }

  void Finish() {
    const auto source = proxy_header::Source(Fixed(), following_);
    if (source.ok()) {
      HandOver(source->value_or(proxy_));
    } else {
      Refuse(source.status());
    }
  }

  void HandOver(const Endpoint& from) {
    tcp::socket socket = std::move(socket_);
    ProxiedSockets& owner = owner_;
    owner.Done(number_);
    owner.ready_(std::move(socket), from);
  }

  void Refuse(const absl::Status& why) {
    ProxiedSockets& owner = owner_;
    const Endpoint proxy = proxy_;
    owner.Done(number_);
    owner.Refuse(proxy, std::string(why.message()));
  }

  std::string_view Fixed() const { return {fixed_.data(), fixed_.size()}; }

  ProxiedSockets& owner_;
  const uint64_t number_;
  tcp::socket socket_;
  const Endpoint proxy_;
  boost::asio::steady_timer timer_;
  std::array<char, proxy_header::kFixedSize> fixed_;
  std::string following_;
  bool is_closed_ = false;
};

ProxiedSockets::ProxiedSockets(AsioEventLoop& loop,
                               std::vector<AddressRange> trusted,
                               std::chrono::milliseconds patience, Ready ready)
    : loop_(loop),
      trusted_(std::move(trusted)),
      patience_(patience),
      ready_(std::move(ready)) {}

ProxiedSockets::~ProxiedSockets() { Clear(); }

bool ProxiedSockets::Trusts(const Endpoint& from) const {
  return AnyContains(trusted_, from.address());
}

void ProxiedSockets::Read(tcp::socket socket, const Endpoint& proxy) {
  if (waiting_.size() >= kMost) Done(waiting_.begin()->first);
  const uint64_t number = ++last_;
  auto& waiting = waiting_[number];
  waiting = std::make_shared<Waiting>(*this, number, std::move(socket), proxy);
  waiting->Begin();
}

void ProxiedSockets::Clear() {
  for (const auto& [number, waiting] : waiting_) waiting->Close();
  waiting_.clear();
}

void ProxiedSockets::Done(uint64_t number) {
  const auto node = waiting_.extract(number);
  if (!node.empty()) node.mapped()->Close();
}

void ProxiedSockets::Refuse(const Endpoint& proxy, const std::string& why) {
  if (!refusals_logged_.MayLog(NetworkOf(proxy.address()), loop_.Now())) return;
  spdlog::warn(
      "refused a connection of the trusted proxy {}, whose PROXY header is "
      "bad: {}; not told again of this proxy for ten minutes",
      proxy.address().to_string(), why);
}

}  // namespace interlink::daemon
