#pragma once

#include <cstdint>

namespace interlink::daemon {

// The bytes that the other end of a TCP connection has sent so far; 0 if
// `descriptor` is no such connection.
uint64_t ReceivedBytes(int descriptor);

}  // namespace interlink::daemon
