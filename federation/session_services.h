#pragma once

#include "federation/admission.h"
#include "federation/contact_alarm.h"
#include "federation/context.h"
#include "federation/directory.h"
#include "federation/directory_parts.h"
#include "federation/introductions.h"
#include "federation/link_budget.h"
#include "federation/lookups.h"
#include "federation/mirrors.h"
#include "federation/peer_events.h"
#include "federation/removals.h"
#include "federation/restoration.h"

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
  Introductions& introductions;
  Restoration& restoration;
  ContactAlarm& contact_alarm;
  PeerEvents& events;
  LinkBudget& messages;  // Of a link's sessions together.
};

}  // namespace interlink::federation
