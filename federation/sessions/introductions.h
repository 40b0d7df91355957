#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "federation/ledger/context.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// What accounts tell each other of themselves over their sessions: names,
// addresses, contacts, pauses, generations (design.md sections 8 and 9).
//
// A peer is listened to at most once a second, and what it says is stored as
// its LinkBudget allows, over however many streams it speaks: what is said
// meanwhile is merged, and the latest word is stored in the end.
// Threading: loop only.
class Introductions {
 public:
  // Called with the sequence of an introduction once it is stored, or once one
  // is that came after it.
  using Stored = std::function<void(uint64_t sequence)>;

  // `paused` is called when the peer's administrator has paused or resumed.
  Introductions(const Context& context,
                std::function<void(store::InterlinkId, bool is_paused)> paused);

  // What this account says of itself over that link.
  v1::Introduction Own(store::InterlinkId id) const;

  // Takes in what the peer says of itself, as far as it keeps the rules. Raises
  // an event if calls would now go to another host than at linking. Addresses
  // that it no longer names are forgotten, but for the one over which it last
  // proved to be itself. A store that fails is tried again.
  void Heard(store::InterlinkId id, const v1::Introduction& said,
             std::weak_ptr<const Stored> stored);
  // Whether the peer has said what decides where calls go, and that is not in
  // force here yet.
  bool IsBehind(store::InterlinkId id) const;
  // The highest generation that the peer has told, to be quoted to it.
  v1::Generation Seen(store::InterlinkId id) const;

  // The peer has proved to be itself at that address.
  void StoreGoodAddress(store::InterlinkId id, const std::string& address);

 private:
  // What was heard over a link within the last second, or is still to be
  // stored.
  struct Word {
    std::unique_ptr<store::v1::Peer> peer;  // nullptr: nothing is to be stored.
    bool is_paused = false;
    bool is_new = false;  // The pause is not in force yet.
    uint64_t sequence = 0;
    std::weak_ptr<const Stored> stored;
    std::unique_ptr<EventLoop::Timer> timer;
  };

  void TakeIn(store::InterlinkId id);
  // Whether the word is stored now, if it is not what is known already.
  bool Store(const Row& row, const store::v1::Peer& heard);
  absl::Status Commit(const Row& row, const store::v1::InterlinkRecord& record,
                      const std::string& announced_contact);

  Context context_;
  const std::function<void(store::InterlinkId, bool)> paused_;
  std::map<store::InterlinkId, Word> words_;
};

}  // namespace interlink::federation
