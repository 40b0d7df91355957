#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/sip/reply_path.h"
#include "daemon/sip/sip_source.h"

namespace interlink::daemon {

// SIP over UDP: takes datagrams in and sends answers, many by one system call.
// An answer leaves from the address that the datagram came to, also where the
// socket listens at all addresses of the machine.
//
// Threading: the thread of `context`, or while it does not run. Lifetime: it
// must outlive the paths that are kept.
class SipUdpSocket {
 public:
  static constexpr size_t kMostBytes = 8 * 1024;  // Of one datagram.

  struct Handlers {
    // Whether to look at what this source sends.
    std::function<bool(const SipSource&)> is_allowed;
    // A datagram. The path is for this call; see ReplyPath::Keep().
    std::function<void(std::string_view, const SipSource&, ReplyPath&)>
        received;
    // A datagram beyond kMostBytes.
    std::function<void(const SipSource&)> too_long;
  };

  // `address` is "host:port", the port 0 for the system to choose. Errors:
  // CannotListen().
  static absl::StatusOr<std::unique_ptr<SipUdpSocket>> Open(
      boost::asio::io_context& context, const std::string& address,
      Handlers handlers);
  ~SipUdpSocket();
  SipUdpSocket(const SipUdpSocket&) = delete;
  SipUdpSocket& operator=(const SipUdpSocket&) = delete;

  uint16_t port() const { return endpoint_.port(); }
  // "host:port" as bound, the host as an address.
  std::string numeric_address() const;

 private:
  class Path;
  struct Batch;

  SipUdpSocket(boost::asio::ip::udp::socket socket, Handlers handlers);
  void AwaitReadable();
  // Takes what has come, but not for so long that nobody else gets his turn.
  void Receive();
  void Handle(size_t index, size_t size, bool is_cut);
  void Send(std::string_view text, const Path& path, uint16_t port);
  void Flush();

  boost::asio::ip::udp::socket socket_;
  const Handlers handlers_;
  const boost::asio::ip::udp::endpoint endpoint_;
  const std::unique_ptr<Batch> batch_;
  bool gathers_answers_ = false;
  // Handlers that Asio still has queued after the destruction find this gone.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::daemon
