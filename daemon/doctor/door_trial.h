#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// Asks a door of this daemon as its PBX would: an OPTIONS by SIP over UDP, or a
// HEAD by HTTP. Ends within two seconds.
//
// Threading: loop only. Lifetime: `loop` must outlive it; destroying it calls
// it off.
class DoorTrial : public std::enable_shared_from_this<DoorTrial> {
 public:
  enum class Door { kSip, kHttp };
  // Called on the loop, never before Start() has returned, with the answer's
  // first line; empty if nothing answers, or turns this machine away without a
  // word.
  using Done = absl::AnyInvocable<void(std::string)>;

  // `address` is an IP address and a port; 0.0.0.0 and [::] are asked on
  // loopback.
  static std::shared_ptr<DoorTrial> Start(AsioEventLoop& loop, Door door,
                                          const std::string& address,
                                          Done done);

 private:
  DoorTrial(AsioEventLoop& loop, Done done);
  void AskBySip(const boost::asio::ip::address& host, uint16_t port);
  void AskByHttp(const boost::asio::ip::address& host, uint16_t port);
  void Heard(size_t size);
  void End(std::string line);

  AsioEventLoop& loop_;
  Done done_;
  boost::asio::steady_timer end_;
  boost::asio::ip::udp::socket udp_;
  boost::asio::ip::tcp::socket tcp_;
  std::string request_;
  std::array<char, 512> answer_;
};

}  // namespace interlink::daemon
