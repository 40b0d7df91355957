#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"
#include "federation/identity/identity.h"
#include "federation/ledger/event_log.h"
#include "federation/ledger/generation.h"
#include "federation/ledger/interlinks.h"
#include "federation/ledger/transaction.h"
#include "store/database.h"

namespace interlink::federation {

// The book of one account: its links, the events about them, and the generation
// that counts their changes. Every change of them is a Transaction.
//
// Threading: loop only. Lifetime: the arguments of Open() must outlive the
// ledger, and the ledger its transactions.
class Ledger {
 public:
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const Identity& identity,
                                                      store::Database& database,
                                                      EventLoop& loop);

  // An empty transaction of this moment.
  Transaction Begin() const;

  Interlinks& interlinks() { return *interlinks_; }
  EventLog& events() { return *events_; }
  Generation& generation() { return *generation_; }
  // For records that no transaction writes.
  store::Database& database() { return database_; }
  // The time for records.
  WallTime WallNow() const { return loop_.WallNow(); }

 private:
  Ledger(store::Database& database, EventLoop& loop)
      : database_(database), loop_(loop) {}

  store::Database& database_;
  EventLoop& loop_;
  std::unique_ptr<EventLog> events_;
  std::unique_ptr<Generation> generation_;
  std::unique_ptr<Interlinks> interlinks_;
};

}  // namespace interlink::federation
