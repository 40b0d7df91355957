#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace interlink::daemon {

// A request of RFC 4475, as far as a redirect server is concerned, and what it
// has to be answered.
struct Torture {
  std::string name;     // As in the RFC.
  int status;           // 0: nothing.
  std::string message;  // With plain line ends.
  size_t body_bytes = 0;

  friend void PrintTo(const Torture& t, std::ostream* out) { *out << t.name; }
};

const std::vector<Torture>& TortureRequests();

}  // namespace interlink::daemon
