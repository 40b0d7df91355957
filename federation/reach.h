#pragma once

#include <string>
#include <vector>

#include "federation/settings.h"

namespace interlink::federation {

// Why other accounts may not get to what this one tells them of itself: their
// daemons to its addresses, their PBXs to its contact. One sentence each, with
// what to set. A guess from the texts alone: a private address is right between
// accounts of one network.
std::vector<std::string> ReachWarnings(const AccountSettings& settings);

}  // namespace interlink::federation
