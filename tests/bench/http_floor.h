#pragma once

namespace interlink::bench {

// The floor of the HTTP door: a server as Boost.Beast's own example of an
// asynchronous one, on one thread, that answers every request with the same
// line. Prints its port and runs until standard input ends.
int RunHttpFloor();

}  // namespace interlink::bench
