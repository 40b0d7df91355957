#pragma once

#include <string>

namespace interlink::bench {

// The floor: a program of the same libraries that does nothing. One gRPC server
// over mutual TLS whose Lookup answers with a constant, one on a unix socket,
// and an empty RocksDB in `folder`. Prints its port, then its account's root
// (hexadecimal DER) and id, a line each, and runs until standard input ends. It
// also accepts streams that do nothing, and opens some if it is told to.
int RunFloor(const std::string& folder);

}  // namespace interlink::bench
