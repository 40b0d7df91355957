#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// A door of the PBX that stands.
struct StandingDoor {
  std::string address;          // "host:port" with the host as it was set.
  std::string numeric_address;  // The same with the host's address.
  // Whether it answers this source.
  std::function<bool(const boost::asio::ip::address&)> answers;
};

// Asks a door of this daemon as its PBX would: an OPTIONS by SIP over UDP, or a
// HEAD by HTTP. Ends within two seconds.
//
// Threading: loop only. Lifetime: `loop` must outlive it; destroying it calls
// it off.
class DoorTrial : public std::enable_shared_from_this<DoorTrial> {
 public:
  enum class Door { kSip, kHttp };
  // From this machine to a door on it.
  struct Way {
    boost::asio::ip::address to;
    boost::asio::ip::address from;  // What the door sees.
    uint16_t port = 0;
  };
  // The ways to an IP address and a port, the best first; those to 0.0.0.0 and
  // [::] lead over loopback. Sends nothing.
  static std::vector<Way> WaysTo(const std::string& numeric_address);

  // Called on the loop, never before Start() has returned, with the answer's
  // first line; empty if nothing answers, or turns this machine away without a
  // word.
  using Done = absl::AnyInvocable<void(std::string)>;

  static std::shared_ptr<DoorTrial> Start(AsioEventLoop& loop, Door door,
                                          const Way& way, Done done);

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
