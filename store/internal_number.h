#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace interlink::store {

// What can be dialled inside an account: 1 to 15 digits, leading zeros counted
// ("007" is not "7").
//
// A value of eight bytes, ordered as the text of its digits.
class InternalNumber {
 public:
  static constexpr size_t kMaxDigits = 15;

  // nullopt unless `digits` is 1 to 15 characters from '0' to '9'.
  static std::optional<InternalNumber> Parse(std::string_view digits) {
    if (digits.empty() || digits.size() > kMaxDigits) return std::nullopt;
    uint64_t packed = 0;
    for (char digit : digits) {
      if (digit < '0' || digit > '9') return std::nullopt;
      packed = packed << 4 | static_cast<uint64_t>(digit - '0' + 1);
    }
    return InternalNumber(packed << 4 * (kMaxDigits - digits.size()));
  }

  std::string ToString() const {
    std::string digits;
    for (int shift = 4 * (kMaxDigits - 1); shift >= 0; shift -= 4) {
      const auto nibble = static_cast<int>(packed_ >> shift & 15);
      if (nibble == 0) break;
      digits += static_cast<char>('0' + nibble - 1);
    }
    return digits;
  }

  friend bool operator==(const InternalNumber&,
                         const InternalNumber&) = default;
  friend auto operator<=>(const InternalNumber&,
                          const InternalNumber&) = default;

  template <class H>
  friend H AbslHashValue(H state, const InternalNumber& number) {
    return H::combine(std::move(state), number.packed_);
  }

 private:
  explicit InternalNumber(uint64_t packed) : packed_(packed) {}

  // Four bits for each digit, the first digit highest. The bits are the digit's
  // value plus one, so that zero bits mark the end.
  uint64_t packed_;
};

}  // namespace interlink::store
