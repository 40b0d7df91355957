#pragma once

#include <chrono>
#include <string>

namespace interlink::bench {

// Asks for /v1/resolve at "127.0.0.1:port" over `connections` that are kept,
// one request under way on each, from one thread, for `time`. Numbers run from
// `first` for `count`. Returns the answers a second; ends the program if one is
// not 200.
double RunHttpResolves(const std::string& address, int connections, int first,
                       int count, std::chrono::milliseconds time);

}  // namespace interlink::bench
