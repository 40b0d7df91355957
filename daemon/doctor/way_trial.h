#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/peer/dial/host_lookup.h"
#include "daemon/system/asio_event_loop.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::daemon {

// An IPv6 address as the system looks it up; another host as it is.
std::string WithoutBrackets(const std::string& host);

// Goes the way to a peer's address step by step, as far as it leads: the name,
// a TCP connection to each of its addresses, then a Lookup without digits,
// which every peer answers. Ends within 12 seconds.
//
// Threading: loop only. Lifetime: the arguments must outlive it; destroying it
// calls it off.
class WayTrial : public std::enable_shared_from_this<WayTrial> {
 public:
  struct DeadEnd {
    boost::asio::ip::tcp::endpoint endpoint;
    std::string why;
    // It is this machine that has no way there, such as one without IPv6.
    bool is_beyond_network = false;
  };
  struct Outcome {
    std::string address;
    // Of its name, in the order of the system; empty if the name is not known,
    // and then the rest was not tried.
    HostLookup::Endpoints endpoints;
    bool is_name_late = false;  // The name was not answered in time.
    // Why the name could not be looked up: it may be known.
    std::string name_trouble;
    // Which of them was the first to take a connection. If none did, the rest
    // was not tried.
    std::optional<boost::asio::ip::tcp::endpoint> connected;
    // Those that took none, also beside one that did.
    std::vector<DeadEnd> dead_ends;
    // Of the Lookup.
    absl::Status status;
    bool from_peer = false;
  };
  using Done = absl::AnyInvocable<void(Outcome)>;

  // `done` is called on the loop, never before the return.
  static std::shared_ptr<WayTrial> Start(AsioEventLoop& loop, HostLookup& names,
                                         federation::PeerClient& peers,
                                         federation::PeerTarget target,
                                         federation::v1::LookupRequest ping,
                                         Done done);

  static constexpr std::chrono::seconds kNameTime{5};

 private:
  static constexpr std::chrono::seconds kConnectTime{2};

  WayTrial(AsioEventLoop& loop, federation::PeerClient& peers,
           federation::PeerTarget target, federation::v1::LookupRequest ping,
           Done done);
  void Connect(HostLookup::Found found);
  void Ended(size_t index, boost::system::error_code error);
  void EndTries();
  void Ask();
  void End();

  AsioEventLoop& loop_;
  federation::PeerClient& peers_;
  const federation::PeerTarget target_;
  const federation::v1::LookupRequest ping_;
  Done done_;
  Outcome outcome_;
  struct Try {
    explicit Try(boost::asio::io_context& context) : socket(context) {}
    boost::asio::ip::tcp::socket socket;
    std::optional<boost::system::error_code> result;  // Once it has ended.
  };
  std::vector<Try> tries_;  // One for each endpoint, while they go on.
  boost::asio::steady_timer end_of_step_;  // Of name and connection.
};

}  // namespace interlink::daemon
