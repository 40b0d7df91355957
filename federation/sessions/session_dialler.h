#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"
#include "federation/ledger/interlinks.h"
#include "federation/peer/address_rounds.h"
#include "federation/sessions/link_health.h"

namespace interlink::federation {

// When each link is dialled, and at which of its peer's addresses: all of them
// in turn, then all again after a growing pause (design.md section 8).
//
// Threading: loop only. Lifetime: the references must outlive it.
class SessionDialler {
 public:
  class Owner {
   public:
    // Whether the link has no session, and none is being opened.
    virtual bool NeedsSession(store::InterlinkId id) const = 0;
    virtual void Connect(const Row& row, const std::string& address) = 0;

   protected:
    ~Owner() = default;
  };

  SessionDialler(EventLoop& loop, Randomness& randomness,
                 const Interlinks& interlinks, LinkHealth& health, Owner& owner)
      : loop_(loop),
        randomness_(randomness),
        interlinks_(interlinks),
        health_(health),
        owner_(owner) {}

  // Takes up a link, and dials it after `delay`.
  void Add(const Row& row, Duration delay);
  // The link is gone.
  void Remove(store::InterlinkId id) { targets_.erase(id); }
  // REQUIRES, for all that follows: the link was added.

  // Dials the link after `delay`, if it needs a session then.
  void DialAfter(store::InterlinkId id, Duration delay);
  // Does not dial the link after all.
  void Stop(store::InterlinkId id) { targets_.at(id).timer.reset(); }

  // Tries the next address of this round; false if there is none.
  bool TryNextAddress(store::InterlinkId id);
  // Called when the link has lost its session, or no address has led to one.
  // Dials again after a pause, which grows with each such failure, and tells
  // LinkHealth, which may remove the link.
  void DialAgain(store::InterlinkId id, const absl::Status& why,
                 bool from_peer);
  // The link has kept a session for a while.
  void ForgetFailures(store::InterlinkId id) {
    targets_.at(id).rounds.Forgive();
  }

  // Whether the peer may be reached: it has an address, and nothing has failed.
  bool MayReach(store::InterlinkId id) const;
  // Dials at once, with no failures, if the row has other addresses than those
  // of the latest round.
  void DialNewAddresses(const Row& row);

 private:
  struct Target {
    std::unique_ptr<EventLoop::Timer> timer;
    AddressRounds rounds{Duration::zero(), std::chrono::seconds(60)};
  };

  void Dial(store::InterlinkId id);

  EventLoop& loop_;
  Randomness& randomness_;
  const Interlinks& interlinks_;
  LinkHealth& health_;
  Owner& owner_;
  std::map<store::InterlinkId, Target> targets_;
};

}  // namespace interlink::federation
