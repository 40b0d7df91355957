#pragma once

#include <string>
#include <vector>

#include "daemon/doctor/door_trial.h"
#include "daemon/doctor/findings.h"
#include "daemon/peer/dial/host_lookup.h"

// Judges how calls get in: the PBX's doors and the contact that peers are told.
// Threading: any thread.
namespace interlink::daemon {

// Of a PBX's door at `address` that turns this machine away, whose `ways` there
// are. `check`: "sip" or "pbx-http".
void JudgeClosedWay(const std::string& check, const std::string& address,
                    const std::vector<DoorTrial::Way>& ways,
                    Findings& findings);
// Whether the PBX's door at `address` serves. `check`: "sip" or "pbx-http".
// `line`: the first of its answer; empty if there was none.
void JudgeDoor(const std::string& check, const std::string& address,
               const std::string& line, Findings& findings);

// Whether calls can be sent to where peers' PBXs are told to send them.
// `addresses`: of the contact's host.
void JudgeContact(const std::string& contact,
                  const HostLookup::Found& addresses, Findings& findings);

}  // namespace interlink::daemon
