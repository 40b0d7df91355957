#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "federation/base/event_loop.h"

namespace interlink::federation {

// A source of unpredictable bytes: the operating system, or a seed in tests.
//
// Threading: loop only.
class Randomness {
 public:
  virtual ~Randomness() = default;

  // `size` bytes, fit for secrets.
  virtual std::string Bytes(size_t size) = 0;

  template <class Id>
  Id NewId() {
    return *Id::FromBytes(Bytes(Id::kSize));
  }

  // A duration evenly between the two, so that many waiters do not return at
  // once.
  Duration Between(Duration low, Duration high) {
    const std::string bytes = Bytes(sizeof(uint64_t));
    uint64_t value;
    std::memcpy(&value, bytes.data(), sizeof(value));
    const double share =
        static_cast<double>(value >> 11) * 0x1.0p-53;  // 0 <= share < 1.
    return low + Duration(static_cast<Duration::rep>(
                     static_cast<double>((high - low).count()) * share));
  }
};

}  // namespace interlink::federation
