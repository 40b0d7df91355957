#include "daemon/sip/sip_udp_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>
#include <vector>

#include "daemon/net/listen_address.h"
#include "daemon/net/source_network.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::udp;
using boost::system::error_code;

constexpr size_t kBatch = 32;
// Answers to so few are sent one by one: the first does not wait for others.
constexpr int kFew = 4;
// Before the loop's other tasks get their turn.
constexpr int kBatchesInTurn = 8;
constexpr int kReceiveBuffer = 1 << 20;

// The address that a datagram came to, as IP_PKTINFO tells and takes it.
struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
  size_t size = 0;
};

// The same for sending: from that address, by whichever interface leads there.
Control ForSending(msghdr& received) {
  Control control;
  cmsghdr* const came = CMSG_FIRSTHDR(&received);
  if (came == nullptr) return control;
  control.bytes = {};
  auto* const goes = reinterpret_cast<cmsghdr*>(control.bytes.data());
  if (came->cmsg_level == IPPROTO_IP && came->cmsg_type == IP_PKTINFO) {
    in_pktinfo info;
    std::memcpy(&info, CMSG_DATA(came), sizeof(info));
    info.ipi_spec_dst = info.ipi_addr;
    info.ipi_ifindex = 0;
    goes->cmsg_len = CMSG_LEN(sizeof(info));
    std::memcpy(CMSG_DATA(goes), &info, sizeof(info));
    control.size = CMSG_SPACE(sizeof(info));
  } else if (came->cmsg_level == IPPROTO_IPV6 &&
             came->cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info;
    std::memcpy(&info, CMSG_DATA(came), sizeof(info));
    // A link-local address means nothing without its interface.
    if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
    goes->cmsg_len = CMSG_LEN(sizeof(info));
    std::memcpy(CMSG_DATA(goes), &info, sizeof(info));
    control.size = CMSG_SPACE(sizeof(info));
  }
  goes->cmsg_level = came->cmsg_level;
  goes->cmsg_type = came->cmsg_type;
  return control;
}

// Asks the system to tell to which address each datagram came.
error_code AskForAddresses(udp::socket& socket, bool is_v6) {
  const int on = 1;
  const int failed = is_v6 ? setsockopt(socket.native_handle(), IPPROTO_IPV6,
                                        IPV6_RECVPKTINFO, &on, sizeof(on))
                           : setsockopt(socket.native_handle(), IPPROTO_IP,
                                        IP_PKTINFO, &on, sizeof(on));
  return failed == 0 ? error_code()
                     : error_code(errno, boost::system::system_category());
}

}  // namespace

// What one system call takes in, and what one sends.
struct SipUdpSocket::Batch {
  struct Answer {
    std::string text;
    udp::endpoint to;
    Control from;
  };

  Batch() {
    for (size_t i = 0; i < kBatch; ++i) {
      buffers[i] = {.iov_base = bytes[i].data(), .iov_len = bytes[i].size()};
      msghdr& header = messages[i].msg_hdr;
      header = {};
      header.msg_iov = &buffers[i];
      header.msg_iovlen = 1;
    }
  }
  // The system has written over the lengths.
  void Reset() {
    for (size_t i = 0; i < kBatch; ++i) {
      msghdr& header = messages[i].msg_hdr;
      header.msg_name = sources[i].data();
      header.msg_namelen = static_cast<socklen_t>(sources[i].capacity());
      header.msg_control = controls[i].bytes.data();
      header.msg_controllen = controls[i].bytes.size();
    }
  }

  // One byte more, to see what is too long.
  std::array<std::array<char, kMostBytes + 1>, kBatch> bytes;
  std::array<udp::endpoint, kBatch> sources;
  std::array<Control, kBatch> controls;
  std::array<iovec, kBatch> buffers;
  std::array<mmsghdr, kBatch> messages;
  std::vector<Answer> answers;
};

class SipUdpSocket::Path final : public ReplyPath {
 public:
  Path(SipUdpSocket& socket, udp::endpoint to, const Control& from)
      : socket_(&socket), to_(std::move(to)), from_(from) {}

  void Send(std::string_view text, uint16_t port) override {
    socket_->Send(text, *this, port);
  }
  std::shared_ptr<ReplyPath> Keep() override {
    return std::make_shared<Path>(*this);
  }

  const udp::endpoint& to() const { return to_; }
  const Control& from() const { return from_; }

 private:
  SipUdpSocket* socket_;
  udp::endpoint to_;
  Control from_;
};

absl::StatusOr<std::unique_ptr<SipUdpSocket>> SipUdpSocket::Open(
    boost::asio::io_context& context, const std::string& address,
    Handlers handlers) {
  udp::socket socket(context);
  error_code error = BindAt(address, socket);
  udp::endpoint bound;
  if (!error) bound = socket.local_endpoint(error);
  if (!error && bound.address().is_unspecified()) {
    error = AskForAddresses(socket, bound.address().is_v6());
  }
  if (!error) socket.non_blocking(true, error);
  if (error) return CannotListen(address, error);
  error_code ignored;  // The system's own size does, too.
  socket.set_option(udp::socket::receive_buffer_size(kReceiveBuffer), ignored);
  std::unique_ptr<SipUdpSocket> opened(
      new SipUdpSocket(std::move(socket), std::move(handlers)));
  opened->AwaitReadable();
  return opened;
}

SipUdpSocket::SipUdpSocket(udp::socket socket, Handlers handlers)
    : socket_(std::move(socket)),
      handlers_(std::move(handlers)),
      endpoint_(socket_.local_endpoint()),
      batch_(std::make_unique<Batch>()) {}

SipUdpSocket::~SipUdpSocket() = default;

std::string SipUdpSocket::numeric_address() const {
  return HostText(endpoint_.address()) + ":" + std::to_string(port());
}

void SipUdpSocket::AwaitReadable() {
  socket_.async_wait(udp::socket::wait_read,
                     [this, alive = std::weak_ptr(alive_)](error_code error) {
                       if (!error && !alive.expired()) Receive();
                     });
}

void SipUdpSocket::Receive() {
  for (int i = 0; i < kBatchesInTurn; ++i) {
    batch_->Reset();
    const int count = recvmmsg(socket_.native_handle(), batch_->messages.data(),
                               kBatch, MSG_DONTWAIT, nullptr);
    if (count <= 0) break;
    gathers_answers_ = count > kFew;
    for (int index = 0; index < count; ++index) {
      const mmsghdr& message = batch_->messages[index];
      const bool is_cut = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0 ||
                          message.msg_len > kMostBytes;
      Handle(index, message.msg_len, is_cut);
    }
    gathers_answers_ = false;
    Flush();
  }
  AwaitReadable();
}

void SipUdpSocket::Handle(size_t index, size_t size, bool is_cut) {
  msghdr& header = batch_->messages[index].msg_hdr;
  udp::endpoint& from = batch_->sources[index];
  from.resize(header.msg_namelen);
  const SipSource source{.address = PlainAddress(from.address()),
                         .port = from.port()};
  if (!handlers_.is_allowed(source)) return;
  if (is_cut) return handlers_.too_long(source);
  Path path(*this, from, ForSending(header));
  handlers_.received({batch_->bytes[index].data(), size}, source, path);
}

void SipUdpSocket::Send(std::string_view text, const Path& path,
                        uint16_t port) {
  Batch::Answer& answer = batch_->answers.emplace_back(
      Batch::Answer{std::string(text), path.to(), path.from()});
  answer.to.port(port);
  if (!gathers_answers_ || batch_->answers.size() == kBatch) Flush();
}

// What the system does not take now is lost, like any datagram: the sender asks
// again.
void SipUdpSocket::Flush() {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> buffers;
  const size_t count = batch_->answers.size();
  for (size_t i = 0; i < count; ++i) {
    Batch::Answer& answer = batch_->answers[i];
    buffers[i] = {.iov_base = answer.text.data(),
                  .iov_len = answer.text.size()};
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = answer.to.data();
    header.msg_namelen = static_cast<socklen_t>(answer.to.size());
    header.msg_iov = &buffers[i];
    header.msg_iovlen = 1;
    if (answer.from.size > 0) {
      header.msg_control = answer.from.bytes.data();
      header.msg_controllen = answer.from.size;
    }
  }
  for (size_t sent = 0; sent < count;) {
    const int taken = sendmmsg(socket_.native_handle(), &messages[sent],
                               static_cast<unsigned>(count - sent), 0);
    // One that cannot be sent does not hold up those after it.
    sent += taken > 0 ? static_cast<size_t>(taken) : 1;
  }
  batch_->answers.clear();
}

}  // namespace interlink::daemon
