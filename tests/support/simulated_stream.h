#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "federation/peer/peer_client.h"
#include "tests/support/simulated_network.h"

namespace interlink::testing {

// One Session stream between two simulated accounts: in order, as over TCP.
// While the way from the dialling account to the other is cut, what is under
// way waits, in both directions, and so does the news that an end is gone.
class SimulatedWire : public std::enable_shared_from_this<SimulatedWire> {
 public:
  // The dialling end; the other is made when it is opened.
  static std::unique_ptr<federation::PeerStream> Dial(
      SimulatedNetwork& network, SimulatedAccount& dialer,
      const federation::PeerTarget& target);

  // As if the connection were reset.
  void Break();
  bool Joins(const SimulatedAccount& a, const SimulatedAccount& b) const;
  // Whether it stands as far as `account` knows.
  bool StandsFor(const SimulatedAccount& account,
                 const SimulatedAccount& peer) const;

 private:
  class Stream;
  enum End { kDialer, kAcceptor };
  struct Closing {
    absl::Status status;
    bool from_peer;
  };
  // A message, or that the other end is closed.
  struct Item {
    federation::v1::SessionMessage message;
    std::optional<Closing> closing;
    federation::SteadyTime sent{};
    federation::SteadyTime due{};
  };
  struct Side {
    federation::PeerStream::Events* events = nullptr;  // Until it is gone.
    bool has_ended = false;                            // It was told so.
    std::deque<Item> inbox;
  };

  SimulatedWire(SimulatedNetwork& network, SimulatedAccount& dialer,
                federation::PeerTarget target);
  bool IsCut() const;
  void Connect();
  void Send(End from, Item item);
  void Deliver(End to);
  void Tell(End to, absl::Status status, bool from_peer);
  bool IsOpen(End end) const;
  const SimulatedAccount* AccountAt(End end) const {
    return end == kDialer ? dialer_ : acceptor_;
  }
  void NoteEnd(End end);  // If it has not ended before.

  SimulatedNetwork& network_;
  SimulatedAccount* const dialer_;
  SimulatedAccount* acceptor_ = nullptr;
  const federation::PeerTarget target_;
  Side sides_[2];
};

}  // namespace interlink::testing
