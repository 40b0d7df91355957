#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "federation/base/randomness.h"

namespace interlink::testing {

// Reproducible bytes.
class SeededRandomness : public federation::Randomness {
 public:
  explicit SeededRandomness(uint64_t seed) : engine_(seed) {}

  std::string Bytes(size_t size) override {
    std::string bytes;
    while (bytes.size() < size) bytes += static_cast<char>(engine_());
    return bytes;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace interlink::testing
