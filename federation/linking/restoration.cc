#include "federation/linking/restoration.h"

#include <string>
#include <utility>

#include "federation/base/reason.h"
#include "federation/base/stored_record.h"
#include "federation/linking/link_key.h"

namespace interlink::federation {
namespace {

// Keys that one commit revokes.
constexpr size_t kMostRevoked = 16;

}  // namespace

absl::Status Restoration::CheckAtStart(uint64_t highest) {
  const auto stored = ReadRecord<store::v1::FormatRecord>(ledger_.database(),
                                                          store::kFormatKey);
  if (!stored.ok()) return stored.status();
  store::v1::FormatRecord format = stored->value_or(store::v1::FormatRecord());
  if (!format.is_backup()) {
    if (highest <= ledger_.generation().count()) return absl::OkStatus();
    return NoteAtStart(
        highest,
        "the generation file beside the store is of a later state "
        "of it");
  }
  if (auto s = NoteAtStart(highest, "this store was restored from a backup");
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

absl::Status Restoration::NoteAtStart(uint64_t highest, std::string_view sign) {
  for (bool is_last = false; !is_last;) {
    Transaction transaction(ledger_.WallNow());
    auto step = AddStep(highest, sign, transaction);
    if (!step.ok()) return step.status();
    is_last = *step;
    if (auto s = ledger_.CommitAtStart(transaction.Take()); !s.ok()) return s;
  }
  return absl::OkStatus();
}

void Restoration::CheckQuote(store::InterlinkId id, const v1::Generation& quote,
                             Decisions::Done done) {
  if (!ledger_.generation().IsOfAnotherStore(id, quote)) {
    done(absl::OkStatus());
    return;
  }
  ledger_.Submit<bool>(
      Subject::AllLinks().ForPeer(),
      [this, id, quote](Transaction& transaction) -> absl::StatusOr<bool> {
        // Several peers may quote it.
        if (!ledger_.generation().IsOfAnotherStore(id, quote)) return true;
        return AddStep(quote.count(),
                       "a linked account has seen a later state of this "
                       "account (a backup of it was restored, or a second "
                       "daemon has its identity)",
                       transaction);
      },
      [this, id, quote,
       done = std::move(done)](absl::StatusOr<bool> is_last) mutable {
        if (is_last.ok()) {
          CheckQuote(id, quote, std::move(done));  // The next step.
        } else {
          done(is_last.status());
        }
      });
}

absl::StatusOr<bool> Restoration::AddStep(uint64_t highest,
                                          std::string_view sign,
                                          Transaction& transaction) const {
  // The generation last: until it is written, the same sign shows this again.
  transaction.KeepGeneration();
  size_t revoked = 0;
  for (const auto& [id, row] : ledger_.interlinks().rows()) {
    if (!row.Is(store::v1::ROW_STATE_PENDING)) continue;
    RevokeKey(row, kRestoredKey, transaction);
    if (++revoked == kMostRevoked) return false;
  }
  if (revoked > 0) return false;
  auto call_secret = call_secrets_.Renewed();
  if (!call_secret.ok()) return call_secret.status();
  transaction.RenewCallSecret(*std::move(call_secret));
  transaction.SetGeneration(
      ledger_.generation().Restored(highest, ledger_.WallNow(), sign));
  transaction.Tell("RESTORED", kByDaemon, nullptr,
                   std::string(sign) +
                       ", so keys that were not used yet are void; an "
                       "interlink that was deleted since then is back if the "
                       "other account had not heard of it: delete it again");
  return true;
}

void Restoration::RevokeUsedKey(store::InterlinkId id, Decisions::Done done) {
  ledger_.Submit(
      Subject::Link(id).ForPeer(),
      [this, id](Transaction& transaction) {
        const Row* row = ledger_.interlinks().Find(id);
        if (row != nullptr && row->Is(store::v1::ROW_STATE_PENDING)) {
          RevokeKey(*row, kUsedKey, transaction);
        }
        return absl::OkStatus();
      },
      std::move(done));
}

}  // namespace interlink::federation
