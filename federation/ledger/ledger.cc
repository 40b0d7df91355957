#include "federation/ledger/ledger.h"

#include <cassert>
#include <utility>

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
  ledger->decisions_ =
      std::make_unique<Decisions>(database, *ledger->events_, loop);
  return ledger;
}

Transaction Ledger::Begin() const {
  assert(loop_.IsOnLoop());
  return {database_, *events_, *generation_, WallNow()};
}

}  // namespace interlink::federation
