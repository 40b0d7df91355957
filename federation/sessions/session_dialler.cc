#include "federation/sessions/session_dialler.h"

#include <optional>

#include "federation/base/reason.h"
#include "federation/identity/pins.h"

namespace interlink::federation {

void SessionDialler::Add(const Row& row, Duration delay) {
  targets_[row.id].rounds.Begin(AddressesOf(row.record));
  DialAfter(row.id, delay);
}

void SessionDialler::DialAfter(store::InterlinkId id, Duration delay) {
  targets_.at(id).timer = loop_.After(delay, [this, id] { Dial(id); });
}

void SessionDialler::Dial(store::InterlinkId id) {
  Target& target = targets_.at(id);
  target.timer.reset();
  if (!owner_.NeedsSession(id)) return;
  target.rounds.Begin(AddressesOf(interlinks_.Find(id)->record));
  if (TryNextAddress(id)) return;
  health_.Failed(id,
                 Refusal(Reason::kPeerUnreachable,
                         "the other account tells no address, so it has to "
                         "connect; or set an address by hand"),
                 false, std::nullopt);
}

bool SessionDialler::TryNextAddress(store::InterlinkId id) {
  Target& target = targets_.at(id);
  if (!target.rounds.HasNext()) return false;
  owner_.Connect(*interlinks_.Find(id), target.rounds.Next());
  return true;
}

void SessionDialler::DialAgain(store::InterlinkId id, const absl::Status& why,
                               bool from_peer) {
  const Duration delay = targets_.at(id).rounds.Pause(randomness_);
  DialAfter(id, delay);
  health_.Failed(
      id, why, from_peer,
      loop_.WallNow() + std::chrono::duration_cast<WallTime::duration>(delay));
}

bool SessionDialler::MayReach(store::InterlinkId id) const {
  const auto target = targets_.find(id);
  const Row* row = interlinks_.Find(id);
  return target != targets_.end() && target->second.rounds.failed() == 0 &&
         row != nullptr && !AddressesOf(row->record).empty();
}

void SessionDialler::DialNewAddresses(const Row& row) {
  Target& target = targets_.at(row.id);
  if (target.rounds.addresses() == AddressesOf(row.record)) return;
  target.rounds.Forgive();
  DialAfter(row.id, Duration::zero());
}

}  // namespace interlink::federation
