#pragma once

#include "federation/counters.h"
#include "federation/event_log.h"
#include "federation/event_loop.h"
#include "federation/generation.h"
#include "federation/identity.h"
#include "federation/interlinks.h"
#include "federation/link_budget.h"
#include "federation/peer_client.h"
#include "federation/randomness.h"
#include "federation/settings.h"
#include "federation/transaction.h"
#include "store/database.h"

namespace interlink::federation {

// What the parts of one account share. Handed to each part by value; all that
// it refers to outlives them.
struct Context {
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
