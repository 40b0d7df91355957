// Oracle: what was deleted, and whether everybody has been told of it.

#include <algorithm>

#include "tests/simulation/oracle.h"

namespace interlink::testing {
namespace {

// From the contract, not from the code under test: in which a call is answered,
// or is not.
constexpr std::chrono::seconds kCall{5};

}  // namespace

void Oracle::Deleted(size_t account, const api::Interlink& row, bool is_known) {
  deletions_.push_back({account, row.id(), time_.Now()});
  if (!is_known) return;
  gone_.emplace(account, row.id());
  // The key of an attempt that was cancelled, or failed, stays good for
  // somebody else.
  if (row.state() == api::INTERLINK_STATE_PENDING ||
      row.state() == api::INTERLINK_STATE_ESTABLISHED) {
    over_.insert(row.id());
  }
}

// The account was put back to a time before the link, and its key was then
// refused there for good, so that it had nothing to ask for any more.
bool Oracle::WasForgottenBefore(size_t account,
                                const Deletion& deletion) const {
  const auto refused = refused_.find({account, deletion.id});
  return lost_.contains(deletion.id) && refused != refused_.end() &&
         refused->second.WasAlways(true, deletion.time + kCall);
}

void Oracle::CheckDelivered(size_t account) {
  const auto outbox = At(account).database().Scan(store::kOutboxPrefix);
  for (const store::Entry& entry : outbox.value()) {
    const auto id = store::ParseIdKey(store::kOutboxPrefix, entry.key).value();
    const auto record =
        store::Decode<store::v1::OutboxRecord>(entry.value).value();
    const size_t peer = IndexOf(
        store::AccountId::FromBytes(record.peer().account_id())->ToHex());
    // Who cannot be called was put back to a time before the link, or has
    // confirmed it to what is now an older copy.
    const auto& rows = At(peer).account().interlinks();
    if (!CanBeCalled(peer) && rows.Find(id) == nullptr &&
        (!*rows.FindTombstone(id) || lost_.contains(id.ToHex()))) {
      continue;
    }
    const bool was_forgotten = std::any_of(
        deletions_.begin(), deletions_.end(), [&](const Deletion& deletion) {
          return deletion.account == account && deletion.id == id.ToHex() &&
                 WasForgottenBefore(peer, deletion);
        });
    if (!CanBeCalled(peer) && was_forgotten) continue;
    Violate(NameOf(account) + " still has to tell " + NameOf(peer) +
            " that this is deleted: " + id.ToHex());
  }
}

}  // namespace interlink::testing
