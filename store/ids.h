#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace interlink::store {

// A random 128-bit name. Each kind is its own type, so that an account cannot
// be passed where an interlink is meant.
//
// A value. The default is all zero, which no random id is.
template <class Kind>
class Id {
 public:
  static constexpr size_t kSize = 16;

  Id() = default;

  // From exactly 16 raw bytes, as in a message; nullopt for any other length.
  static std::optional<Id> FromBytes(std::string_view bytes) {
    if (bytes.size() != kSize) return std::nullopt;
    Id id;
    for (size_t i = 0; i < kSize; ++i) {
      id.bytes_[i] = static_cast<uint8_t>(bytes[i]);
    }
    return id;
  }

  // From exactly 32 lower-case hexadecimal digits, as in the API.
  static std::optional<Id> FromHex(std::string_view hex) {
    if (hex.size() != 2 * kSize) return std::nullopt;
    Id id;
    for (size_t i = 0; i < hex.size(); ++i) {
      const char c = hex[i];
      int digit;
      if (c >= '0' && c <= '9') {
        digit = c - '0';
      } else if (c >= 'a' && c <= 'f') {
        digit = c - 'a' + 10;
      } else {
        return std::nullopt;
      }
      id.bytes_[i / 2] = static_cast<uint8_t>(id.bytes_[i / 2] << 4 | digit);
    }
    return id;
  }

  std::string ToBytes() const { return {bytes_.begin(), bytes_.end()}; }

  std::string ToHex() const {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * kSize);
    for (uint8_t byte : bytes_) {
      hex += kDigits[byte >> 4];
      hex += kDigits[byte & 15];
    }
    return hex;
  }

  bool IsZero() const { return *this == Id(); }

  friend bool operator==(const Id&, const Id&) = default;
  friend auto operator<=>(const Id&, const Id&) = default;

  template <class H>
  friend H AbslHashValue(H state, const Id& id) {
    return H::combine(std::move(state), id.bytes_);
  }

 private:
  std::array<uint8_t, kSize> bytes_{};
};

using AccountId = Id<struct AccountKind>;
using InterlinkId = Id<struct InterlinkKind>;
using RedeemId = Id<struct RedeemKind>;

}  // namespace interlink::store
