#include "federation/linking/removals.h"

#include <chrono>
#include <string>
#include <vector>

#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/identity/pins.h"
#include "federation/ledger/peer_record.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

// Not at the start: a clock that is wrong then is often put right soon.
constexpr std::chrono::hours kFirstSweep{1};
constexpr std::chrono::hours kSweepInterval{24};

}  // namespace

Removals::Removals(Ledger& ledger, EventLoop& loop, RemovalOutbox& outbox,
                   const Termination& termination, Counters& counters)
    : ledger_(ledger),
      loop_(loop),
      outbox_(outbox),
      termination_(termination),
      counters_(counters),
      sweep_timer_(loop.After(kFirstSweep, [this] { SweepTombstones(); })) {}

absl::Status Removals::DeleteInterlink(std::string_view text) {
  auto id = ParseInterlinkId(text);
  if (!id.ok()) return id.status();
  if (const Row* row = ledger_.interlinks().Find(*id)) return Delete(*row);
  auto tombstone = ledger_.interlinks().FindTombstone(*id);
  if (!tombstone.ok()) return tombstone.status();
  if (!*tombstone) return NoSuchInterlink();
  // The row may have been merged into one that stands.
  const Row* row = ledger_.interlinks().SuccessorOf(**tombstone);
  return row != nullptr ? Delete(*row) : absl::OkStatus();
}

absl::Status Removals::Delete(const Row& row) {
  Transaction transaction = ledger_.Begin();
  transaction.Bury(row, store::v1::REMOVAL_CAUSE_DELETED_HERE);
  std::string_view kind = "DELETED";
  std::string_view message = "deleted; the other account is told";
  switch (row.record.state()) {
    case store::v1::ROW_STATE_PENDING:
      kind = "KEY_REVOKED";
      message = "deleted before its key was used; the key is worth nothing now";
      break;
    case store::v1::ROW_STATE_LINKING:
      kind = "CANCELLED";
      message = "deleted before it was linked; the other account is told";
      outbox_.AddRemoval(row, transaction);
      break;
    case store::v1::ROW_STATE_ESTABLISHED:
      outbox_.AddRemoval(row, transaction);
      break;
    default:
      message = "deleted";
      break;
  }
  transaction.Tell(kind, kByAdministrator, &row, std::string(message));
  if (auto s = transaction.Commit(); !s.ok()) return s;
  store::PassFailpoint("delete/committed");
  ++counters_.removals_made;
  return absl::OkStatus();
}

absl::Status Removals::Terminate(const PeerCaller& caller,
                                 const v1::TerminateRequest& request) {
  absl::Status wrong_dates;
  const auto is_caller = [&](const store::v1::Peer& pinned) {
    const auto until = VerifyPeer(PinOf(pinned), caller.certificate,
                                  TlsSide::kClient, ledger_.WallNow());
    if (ReasonOf(until.status()) == Reason::kNotPermitted) {
      wrong_dates = until.status();
    }
    return until.ok();
  };
  const absl::Status status = TerminateBy(
      {.account = NamedAccount(caller.certificate), .is_peer = is_caller},
      request, Confirmation::kAnswer);
  // An OK would end the peer's calls. Refused, it calls again, and its
  // Terminate takes effect once the clock that is wrong has been set right.
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  const bool had_no_effect = id && (ledger_.interlinks().Find(*id) != nullptr ||
                                    outbox_.Find(*id) != nullptr);
  return status.ok() && had_no_effect ? wrong_dates : status;
}

absl::Status Removals::TerminateOverSession(store::InterlinkId session,
                                            const v1::TerminateRequest& request,
                                            Confirmation confirmation) {
  store::v1::Peer peer;
  if (const Row* row = ledger_.interlinks().Find(session)) {
    peer = row->record.peer();
  } else {
    auto tombstone = ledger_.interlinks().FindTombstone(session);
    if (!tombstone.ok()) return tombstone.status();
    if (*tombstone) peer = (*tombstone)->peer();
  }
  const auto is_caller = [&](const store::v1::Peer& pinned) {
    return pinned.account_id() == peer.account_id() &&
           peer.root_certificates_size() > 0 &&
           HasRoot(pinned, peer.root_certificates(0));
  };
  return TerminateBy({.account = store::AccountId::FromBytes(peer.account_id()),
                      .is_peer = is_caller},
                     request, confirmation);
}

absl::Status Removals::TerminateBy(const Termination::Caller& caller,
                                   const v1::TerminateRequest& request,
                                   Confirmation confirmation) {
  store::PassFailpoint("delete/received");
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  if (!request.kept_interlink_id().empty()) {
    Transaction merge = ledger_.Begin();
    auto s = termination_.Merge(request, caller, merge);
    if (!s.ok()) return s;
    return merge.IsEmpty() ? absl::OkStatus() : merge.Commit();
  }
  const store::v1::OutboxRecord* untold = id ? outbox_.Find(*id) : nullptr;
  // A peer that asks for the end of a link knows of it: it has heard so when it
  // called, or has deleted the link itself.
  if (untold != nullptr && caller.is_peer(untold->peer())) {
    // After an OK the peer does not say it again, so this has to be stored.
    if (auto s = outbox_.Delivered(*id); !s.ok()) return s;
  }
  Transaction transaction = ledger_.Begin();
  const Row* ended = termination_.Apply(request, caller, transaction);
  if (ended != nullptr && confirmation == Confirmation::kAnswerAndOutbox) {
    outbox_.AddConfirmation(*ended, transaction);
  } else if (ended != nullptr) {
    outbox_.AddReplaced(*ended, transaction);
  }
  if (transaction.IsEmpty()) return absl::OkStatus();
  ++counters_.removals_received;
  if (auto s = transaction.Commit(); !s.ok()) return s;
  store::PassFailpoint("delete/confirming");
  return absl::OkStatus();
}

absl::Status Removals::RemovedByPeer(store::InterlinkId id) {
  const Row* row = ledger_.interlinks().Find(id);
  if (row == nullptr) return absl::OkStatus();
  Transaction transaction = ledger_.Begin();
  termination_.BuryAsAnswered(*row, transaction);
  ++counters_.removals_received;
  return transaction.Commit();
}

// Keeps the store from filling with what was removed long ago.
void Removals::SweepTombstones() {
  const WallTime now = ledger_.WallNow();
  auto entries = ledger_.database().Scan(store::kTombstonePrefix);
  std::vector<store::Op> ops;
  for (const store::Entry& entry :
       entries.ok() ? *entries : std::vector<store::Entry>()) {
    auto record = store::Decode<store::v1::InterlinkRecord>(entry.value);
    if (!record.ok() || ops.size() == store::Database::kMaxOps) continue;
    // If the clock is wrong, a deletion that is still owed may look old.
    const auto id = store::ParseIdKey(store::kTombstonePrefix, entry.key);
    if (id && outbox_.Find(*id) != nullptr) continue;
    if (store::FromTimestamp(record->removal().time()) <=
        now - kTombstoneLife) {
      ops.push_back(store::Op::Delete(entry.key));
    }
  }
  // If there are more than one commit takes, the next sweep is soon.
  const Duration delay = ops.size() == store::Database::kMaxOps
                             ? Duration(std::chrono::minutes(1))
                             : Duration(kSweepInterval);
  if (!ops.empty()) ledger_.database().Commit({}, ops).status().IgnoreError();
  sweep_timer_ = loop_.After(delay, [this] { SweepTombstones(); });
}

}  // namespace interlink::federation
