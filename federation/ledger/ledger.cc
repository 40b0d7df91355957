#include "federation/ledger/ledger.h"

#include <utility>

#include "federation/base/reason.h"

namespace interlink::federation {

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const Identity& identity,
                                                     store::Database& database,
                                                     Randomness& randomness,
                                                     EventLoop& loop) {
  std::unique_ptr<Ledger> ledger(new Ledger(database, loop));
  auto events = EventLog::Open(database);
  if (!events.ok()) return events.status();
  ledger->events_ = *std::move(events);
  auto generation = Generation::Open(identity, database, randomness);
  if (!generation.ok()) return generation.status();
  ledger->generation_ = *std::move(generation);
  auto interlinks = Interlinks::Open(database, loop);
  if (!interlinks.ok()) return interlinks.status();
  ledger->interlinks_ = *std::move(interlinks);
  ledger->decisions_ = std::make_unique<Decisions>(database, *ledger->events_,
                                                   *ledger->generation_, loop);
  return ledger;
}

void Ledger::Submit(const Subject& subject, DecideLinks decide,
                    Decisions::Done done) {
  decisions_->Add(
      subject,
      [this, decide = std::move(decide)](
          const Draft&) mutable -> absl::StatusOr<Changes> {
        Transaction transaction(WallNow());
        if (auto s = decide(transaction); !s.ok()) return s;
        return transaction.Take();
      },
      std::move(done));
}

absl::Status Ledger::CommitAtStart(Changes changes) {
  auto revision = database_.Commit({}, decisions_->OpsOf(std::move(changes)));
  return revision.ok() ? absl::OkStatus() : StoreRefusal(revision.status());
}

}  // namespace interlink::federation
