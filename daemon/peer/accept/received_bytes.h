#pragma once

#include <cstdint>

namespace interlink::daemon {

// How much the other end of a TCP connection has sent so far; 0 if `descriptor`
// is none.
uint64_t ReceivedBytes(int descriptor);

}  // namespace interlink::daemon
