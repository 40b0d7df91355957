#include "federation/linking/removals.h"

#include <chrono>
#include <string>
#include <utility>
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
// Tombstones at once; the next ones go soon.
constexpr size_t kMostSwept = store::Database::kMaxOps;

// The answer to a Terminate, which is stored.
Removals::Done Confirming(Removals::Done done) {
  return [done = std::move(done)](const absl::Status& status) mutable {
    if (status.ok()) store::PassFailpoint("delete/confirming");
    done(status);
  };
}

}  // namespace

Removals::Removals(Ledger& ledger, EventLoop& loop, RemovalOutbox& outbox,
                   const Termination& termination, Counters& counters)
    : ledger_(ledger),
      loop_(loop),
      outbox_(outbox),
      termination_(termination),
      counters_(counters),
      sweep_timer_(loop.After(kFirstSweep, [this] { SweepTombstones(); })) {}

void Removals::Submit(
    const Subject& subject,
    absl::AnyInvocable<absl::Status(Transaction&, Ended&)> decide, Done done) {
  ledger_.Submit<Ended>(
      subject,
      [decide = std::move(decide)](
          Transaction& transaction) mutable -> absl::StatusOr<Ended> {
        Ended ended;
        if (auto s = decide(transaction, ended); !s.ok()) return s;
        return ended;
      },
      [this, done = std::move(done)](absl::StatusOr<Ended> ended) mutable {
        if (ended.ok()) {
          counters_.removals_made += ended->made;
          counters_.removals_received += ended->received;
          counters_.removals_delivered += ended->delivered;
        }
        done(ended.status());
      });
}

void Removals::DeleteInterlink(std::string_view id, Done done) {
  Submit(
      Subject::AllLinks(),
      [this, id = std::string(id)](Transaction& transaction, Ended& ended) {
        return DecideDelete(id, transaction, ended);
      },
      [done = std::move(done)](const absl::Status& status) mutable {
        if (status.ok()) store::PassFailpoint("delete/committed");
        done(status);
      });
}

absl::Status Removals::DecideDelete(std::string_view text,
                                    Transaction& transaction,
                                    Ended& ended) const {
  auto id = ParseInterlinkId(text);
  if (!id.ok()) return id.status();
  const Row* row = ledger_.interlinks().Find(*id);
  if (row == nullptr) {
    auto tombstone = ledger_.interlinks().FindTombstone(*id);
    if (!tombstone.ok()) return tombstone.status();
    if (!*tombstone) return NoSuchInterlink();
    // The row may have been merged into one that stands.
    row = ledger_.interlinks().SuccessorOf(**tombstone);
  }
  if (row != nullptr) Delete(*row, transaction, ended);
  return absl::OkStatus();
}

void Removals::Delete(const Row& row, Transaction& transaction,
                      Ended& ended) const {
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
  ++ended.made;
}

bool Removals::IsUnknown(const v1::TerminateRequest& request) const {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  return request.kept_interlink_id().empty() &&
         (!id || (ledger_.interlinks().Find(*id) == nullptr &&
                  outbox_.Find(*id) == nullptr));
}

void Removals::Terminate(const PeerCaller& caller,
                         const v1::TerminateRequest& request, Done done) {
  store::PassFailpoint("delete/received");
  if (IsUnknown(request)) return done(absl::OkStatus());
  Submit(
      Subject::AllLinks().ForPeer(),
      [this, caller, request](Transaction& transaction, Ended& ended) {
        absl::Status wrong_dates;
        const auto is_caller = [&](const store::v1::Peer& pinned) {
          const auto until = VerifyPeer(PinOf(pinned), caller.certificate,
                                        TlsSide::kClient, ledger_.WallNow());
          if (ReasonOf(until.status()) == Reason::kNotPermitted) {
            wrong_dates = until.status();
          }
          return until.ok();
        };
        const absl::Status status = DecideTerminate(
            {.account = NamedAccount(caller.certificate), .is_peer = is_caller},
            request, Confirmation::kAnswer, transaction, ended);
        // An OK would end the peer's calls. Refused, it calls again, and its
        // Terminate takes effect once the clock that is wrong has been set
        // right.
        return status.ok() && transaction.IsEmpty() ? wrong_dates : status;
      },
      Confirming(std::move(done)));
}

void Removals::TerminateOverSession(store::InterlinkId session,
                                    const v1::TerminateRequest& request,
                                    Confirmation confirmation, Done done) {
  store::PassFailpoint("delete/received");
  if (IsUnknown(request)) return done(absl::OkStatus());
  Submit(
      Subject::AllLinks().ForPeer(),
      [this, session, request, confirmation](Transaction& transaction,
                                             Ended& ended) -> absl::Status {
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
        return DecideTerminate(
            {.account = store::AccountId::FromBytes(peer.account_id()),
             .is_peer = is_caller},
            request, confirmation, transaction, ended);
      },
      Confirming(std::move(done)));
}

absl::Status Removals::DecideTerminate(const Termination::Caller& caller,
                                       const v1::TerminateRequest& request,
                                       Confirmation confirmation,
                                       Transaction& transaction,
                                       Ended& ended) const {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  if (!request.kept_interlink_id().empty()) {
    return termination_.Merge(request, caller, transaction);
  }
  const store::v1::OutboxRecord* untold = id ? outbox_.Find(*id) : nullptr;
  // A peer that asks for the end of a link knows of it: it has heard so when it
  // called, or has deleted the link itself.
  if (untold != nullptr && caller.is_peer(untold->peer())) {
    // After an OK the peer does not say it again, so this has to be stored.
    if (outbox_.AddDelivered(*id, transaction)) ++ended.delivered;
  }
  const Row* row = termination_.Apply(request, caller, transaction);
  if (row != nullptr && confirmation == Confirmation::kAnswerAndOutbox) {
    outbox_.AddConfirmation(*row, transaction);
  } else if (row != nullptr) {
    outbox_.AddReplaced(*row, transaction);
  }
  if (transaction.TouchesAny()) ++ended.received;
  return absl::OkStatus();
}

void Removals::RemovedByPeer(store::InterlinkId id, Done done) {
  Submit(
      Subject::AllLinks().ForPeer(),
      [this, id](Transaction& transaction, Ended& ended) {
        if (const Row* row = ledger_.interlinks().Find(id)) {
          termination_.BuryAsAnswered(*row, transaction);
          ++ended.received;
        }
        return absl::OkStatus();
      },
      std::move(done));
}

// Keeps the store from filling with what was removed long ago.
void Removals::SweepTombstones() {
  auto is_more = std::make_shared<bool>(false);
  ledger_.Submit(
      Subject::AllLinks(),
      [this, is_more](Transaction& transaction) {
        *is_more = AddSweep(transaction);
        return absl::OkStatus();
      },
      [this, is_more](const absl::Status& status) {
        const Duration delay = status.ok() && *is_more
                                   ? Duration(std::chrono::minutes(1))
                                   : Duration(kSweepInterval);
        sweep_timer_ = loop_.After(delay, [this] { SweepTombstones(); });
      });
}

bool Removals::AddSweep(Transaction& transaction) const {
  const WallTime now = ledger_.WallNow();
  auto entries = ledger_.database().Scan(store::kTombstonePrefix);
  size_t swept = 0;
  for (const store::Entry& entry :
       entries.ok() ? *entries : std::vector<store::Entry>()) {
    auto record = store::Decode<store::v1::InterlinkRecord>(entry.value);
    if (!record.ok()) continue;
    // If the clock is wrong, a deletion that is still owed may look old.
    const auto id = store::ParseIdKey(store::kTombstonePrefix, entry.key);
    if (!id || outbox_.Find(*id) != nullptr) continue;
    if (store::FromTimestamp(record->removal().time()) <=
        now - kTombstoneLife) {
      if (swept == kMostSwept) return true;
      transaction.Forget(*id);
      ++swept;
    }
  }
  return false;
}

}  // namespace interlink::federation
