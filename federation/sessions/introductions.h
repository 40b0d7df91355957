#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "federation/base/settings.h"
#include "federation/directory/own_call_terms.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/link_key.h"
#include "federation/mirrors/peer_call_terms.h"
#include "federation/peer/link_budget.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// What accounts tell each other of themselves over their sessions: names,
// addresses, contacts, pauses, generations (design.md sections 8 and 9), and
// what calls have to bring (section 16).
//
// A peer's introductions are taken in at most once a second and stored as its
// LinkBudget allows, however many streams it uses. Those that come meanwhile
// are merged, and the latest is stored in the end.
// Threading: loop only. Lifetime: the references must outlive it.
class Introductions {
 public:
  // Called with the sequence of an introduction when it, or a later one, is
  // stored.
  using Stored = std::function<void(uint64_t sequence)>;

  // `paused` is called when the peer pauses or resumes the link.
  Introductions(const AccountSettings& settings, const Identity& identity,
                EventLoop& loop, Ledger& ledger, LinkBudget& store_budget,
                const OwnCallTerms& own_call_terms,
                PeerCallTerms& peer_call_terms,
                std::function<void(store::InterlinkId, bool is_paused)> paused);

  // What this account says of itself over that link.
  v1::Introduction Own(store::InterlinkId id) const;
  // Proves that this account redeemed the key of that link; empty if it did
  // not.
  std::string RedeemedProof(store::InterlinkId id) const;
  // What goes into a Hello if this account has issued the link's key.
  ReplacedIds Replaced(store::InterlinkId id) const;

  // Takes in what keeps the rules of a peer's introduction. Writes an event if
  // calls now go to another host than at linking. Forgets addresses that the
  // peer no longer names, except the one at which it was last reached. If the
  // store refuses, tries again.
  void Heard(store::InterlinkId id, const v1::Introduction& said,
             std::weak_ptr<const Stored> stored);
  // Whether a pause, a contact or the want of call tokens that the peer has
  // told of is not in force yet.
  bool IsBehind(store::InterlinkId id) const;
  // The call clock, for a pong; and that of the peer, from its pong.
  uint64_t OwnCallClock() const { return own_call_terms_.ClockMilliseconds(); }
  void HeardCallClock(store::InterlinkId id, uint64_t told,
                      Duration round_trip) {
    peer_call_terms_.HeardClock(id, told, round_trip);
  }
  // The highest generation that the peer has named, to be quoted to it.
  v1::Generation Seen(store::InterlinkId id) const;

  // The peer has proved to be itself at that address.
  void StoreGoodAddress(store::InterlinkId id, const std::string& address);

 private:
  // A link's introductions within the last second, or still to be stored.
  struct Word {
    // nullptr: nothing is to be stored.
    std::shared_ptr<const store::v1::Peer> peer;
    bool is_storing = false;
    bool is_paused = false;
    bool is_new = false;  // The pause is not in force yet.
    uint64_t sequence = 0;
    std::weak_ptr<const Stored> stored;
    std::unique_ptr<EventLoop::Timer> timer;
  };

  void TakeIn(store::InterlinkId id);
  void Store(const Row& row, Word& word);
  // `heard` is stored, or says nothing new.
  void IsStored(Word& word);

  const AccountSettings& settings_;
  const Identity& identity_;
  EventLoop& loop_;
  Ledger& ledger_;
  Interlinks& interlinks_;
  LinkBudget& store_budget_;
  const OwnCallTerms& own_call_terms_;
  PeerCallTerms& peer_call_terms_;
  const std::function<void(store::InterlinkId, bool)> paused_;
  std::map<store::InterlinkId, Word> words_;
};

}  // namespace interlink::federation
