#pragma once

#include "federation/base/counters.h"
#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"
#include "federation/base/settings.h"
#include "federation/identity/identity.h"
#include "federation/ledger/event_log.h"
#include "federation/ledger/generation.h"
#include "federation/ledger/interlinks.h"
#include "federation/ledger/ledger.h"
#include "federation/ledger/transaction.h"
#include "federation/peer/link_budget.h"
#include "federation/peer/peer_client.h"
#include "store/database.h"

namespace interlink::federation {

// What the parts of one account share. Handed to each part by value; all that
// it refers to outlives them.
struct Context {
  Ledger& ledger;
  const AccountSettings& settings;
  const Identity& identity;
  store::Database& database;
  EventLoop& loop;
  Randomness& randomness;
  PeerClient& peers;
  Interlinks& interlinks;
  EventLog& events;
  Generation& generation;
  Counters& counters;
  // Of commits that peers cause at will.
  LinkBudget& store_budget;
};

Transaction Begin(const Context& context);

}  // namespace interlink::federation
