#pragma once

#include <cstddef>

// How many connections a door of the PBX has places for.
namespace interlink::daemon {

// A PBX may have one for each call that is being set up.
constexpr size_t kMaxDoorConnections = 1024;
// Of one source, if they have said nothing yet.
constexpr size_t kMaxSilentDoorConnections = 512;

}  // namespace interlink::daemon
