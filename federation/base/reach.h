#pragma once

#include <string>
#include <vector>

#include "federation/base/settings.h"

namespace interlink::federation {

// Why other accounts may not reach this one: their daemons its addresses, or
// their PBXs its contact. Each warning is a sentence that names the setting to
// change. The texts alone are looked at, so a warning can be wrong: a private
// address is right between accounts of one network.
std::vector<std::string> ReachWarnings(const AccountSettings& settings);

// Whether a call to `host` stays on the machine that makes it: the host is a
// loopback address, or a name that hosts files and RFC 6761 give to one.
bool IsOnSameMachine(const Host& host);

// The warnings about the contact alone. An account that enters a key calls the
// other daemon, which need not reach this one.
std::vector<std::string> ContactWarnings(const AccountSettings& settings);

}  // namespace interlink::federation
