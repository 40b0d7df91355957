#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"

namespace interlink::federation {

// How a peer is tried until it answers: its addresses one after another, then
// all of them again after a pause, which may be longer after each round.
//
// A value; whoever tries has the timer.
class AddressRounds {
 public:
  // A pause is drawn at random, so that many waiters do not return at once: at
  // least `shortest`, at most a bound that doubles from 1 s up to `longest`.
  AddressRounds(Duration shortest, Duration longest)
      : shortest_(shortest), longest_(longest) {}

  // Begins a round.
  void Begin(std::vector<std::string> addresses) {
    addresses_ = std::move(addresses);
    next_ = 0;
  }
  // Of the latest round.
  const std::vector<std::string>& addresses() const { return addresses_; }
  bool HasNext() const { return next_ < addresses_.size(); }
  // The next address of this round. REQUIRES: HasNext().
  const std::string& Next() { return addresses_[next_++]; }

  // The round has failed: how long to wait before the next one.
  Duration Pause(Randomness& randomness) {
    const Duration bound = std::min<Duration>(
        longest_, std::chrono::seconds(1 << std::min(failed_, 10)));
    ++failed_;
    return randomness.Between(shortest_, bound);
  }
  // How many rounds have failed since the last Forgive().
  int failed() const { return failed_; }
  void Forgive() { failed_ = 0; }

 private:
  Duration shortest_;
  Duration longest_;
  std::vector<std::string> addresses_;
  size_t next_ = 0;
  int failed_ = 0;
};

}  // namespace interlink::federation
