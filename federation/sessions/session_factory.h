#pragma once

#include "federation/directory/directory.h"
#include "federation/directory/directory_parts.h"
#include "federation/directory/lookups.h"
#include "federation/ledger/context.h"
#include "federation/ledger/peer_events.h"
#include "federation/linking/admission.h"
#include "federation/linking/removal_outbox.h"
#include "federation/linking/removals.h"
#include "federation/linking/restoration.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirrors.h"
#include "federation/peer/link_budget.h"
#include "federation/sessions/introductions.h"

namespace interlink::federation {

// What sessions work with; all of it outlives them.
struct SessionServices {
  Context context;
  const Directory& directory;
  DirectoryParts& parts;
  Mirrors& mirrors;
  Lookups& lookups;
  Admission& admission;
  Removals& removals;
  RemovalOutbox& outbox;
  Introductions& introductions;
  Restoration& restoration;
  ContactAlarm& contact_alarm;
  PeerEvents& events;
  LinkBudget& messages;  // Of a link's sessions together.
};

}  // namespace interlink::federation
