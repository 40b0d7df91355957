#pragma once

#include <string>
#include <vector>

#include "federation/base/settings.h"

namespace interlink::federation {

// Why other accounts may not get to what this one tells them of itself: their
// daemons to its addresses, their PBXs to its contact. One sentence each, with
// what to set. A guess from the texts alone: a private address is right between
// accounts of one network.
std::vector<std::string> ReachWarnings(const AccountSettings& settings);

// Those of them that concern an account which enters another one's key: it
// calls that one's daemon, which need not reach this one.
std::vector<std::string> ContactWarnings(const AccountSettings& settings);

}  // namespace interlink::federation
