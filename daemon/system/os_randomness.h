#pragma once

#include <string>

#include "federation/base/randomness.h"

namespace interlink::daemon {

// The operating system's random bytes, by way of OpenSSL's generator. Aborts if
// there are none, because a guessable key is worse than no daemon.
//
// Threading: thread-safe.
class OsRandomness : public federation::Randomness {
 public:
  std::string Bytes(size_t size) override;
};

}  // namespace interlink::daemon
