#include "federation/linking/restoration.h"

#include <string>
#include <utility>
#include <vector>

#include "federation/base/reason.h"
#include "federation/base/stored_record.h"
#include "federation/linking/link_key.h"

namespace interlink::federation {

absl::Status Restoration::CheckAtStart(uint64_t highest) {
  const auto stored = ReadRecord<store::v1::FormatRecord>(ledger_.database(),
                                                          store::kFormatKey);
  if (!stored.ok()) return stored.status();
  store::v1::FormatRecord format = stored->value_or(store::v1::FormatRecord());
  if (!format.is_backup()) {
    if (highest <= ledger_.generation().count()) return absl::OkStatus();
    return NoteRestored(
        highest,
        "the generation file beside the store is of a later state "
        "of it");
  }
  if (auto s = NoteRestored(highest, "this store was restored from a backup");
      !s.ok()) {
    return s;
  }
  format.clear_is_backup();
  // No precondition: the record of a new store has revision 0, which would mean
  // "absent". The last commit, so that a start after a crash does all again.
  auto revision = ledger_.database().Commit(
      {},
      {store::Op::Put(std::string(store::kFormatKey), store::Encode(format))});
  return revision.ok() ? absl::OkStatus() : StoreRefusal(revision.status());
}

absl::Status Restoration::CheckQuote(store::InterlinkId id,
                                     const v1::Generation& quote) {
  if (!ledger_.generation().IsOfAnotherStore(id, quote)) {
    return absl::OkStatus();
  }
  return NoteRestored(
      quote.count(),
      "a linked account has seen a later state of this account (a "
      "backup of it was restored, or a second daemon has its "
      "identity)");
}

absl::Status Restoration::NoteRestored(uint64_t highest,
                                       std::string_view sign) {
  // The generation last: until it is written, the same sign shows this again.
  if (auto s = RevokePendingKeys(); !s.ok()) return s;
  auto call_secret = call_secrets_.Renewed();
  if (!call_secret.ok()) return call_secret.status();
  const WallTime now = ledger_.WallNow();
  Transaction transaction = ledger_.Begin();
  transaction.RenewCallSecret(*std::move(call_secret));
  transaction.SetGeneration(ledger_.generation().Restored(highest, now, sign));
  transaction.Tell("RESTORED", kByDaemon, nullptr,
                   std::string(sign) +
                       ", so keys that were not used yet are void; an "
                       "interlink that was deleted since then is back if the "
                       "other account had not heard of it: delete it again");
  return transaction.Commit();
}

absl::Status Restoration::RevokePendingKeys() {
  std::vector<store::InterlinkId> pending;
  for (const auto& [id, row] : ledger_.interlinks().rows()) {
    if (row.Is(store::v1::ROW_STATE_PENDING)) pending.push_back(id);
  }
  for (store::InterlinkId id : pending) {
    Transaction transaction = ledger_.Begin();
    RevokeKey(*ledger_.interlinks().Find(id), kRestoredKey, transaction);
    if (auto s = transaction.Commit(); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status Restoration::RevokeUsedKey(const Row& row) {
  Transaction transaction = ledger_.Begin();
  RevokeKey(row, kUsedKey, transaction);
  return transaction.Commit();
}

}  // namespace interlink::federation
