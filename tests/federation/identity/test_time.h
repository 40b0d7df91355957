#pragma once

#include "federation/base/event_loop.h"

namespace interlink::federation {

// When the tests of certificates take place.
inline constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};

}  // namespace interlink::federation
