#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace interlink::fuzz {

// An input read from front to back, as the decisions that a target makes. Past
// the end all is zero and empty, so that every input means something.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }

  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  bool Flag() { return (Byte() & 1) != 0; }
  size_t Below(size_t limit) { return Byte() % limit; }
  size_t Word() {
    const size_t high = Byte();
    return high << 8 | Byte();
  }
  // A byte that says how long, then that much.
  std::string Text() { return Take(Byte()); }
  // The same with two bytes.
  std::string Block() { return Take(Word()); }
  std::string Rest() { return Take(rest_.size()); }

 private:
  std::string Take(size_t size) {
    const std::string taken(rest_.substr(0, size));
    rest_.remove_prefix(std::min(size, rest_.size()));
    return taken;
  }

  std::string_view rest_;
};

}  // namespace interlink::fuzz
