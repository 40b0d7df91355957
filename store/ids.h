#pragma once

#include <array>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"

namespace interlink::store {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

// A random 128-bit name. Each kind of id is a type of its own, so that an
// account cannot be passed where an interlink is meant.
//
// A value. The default is all zeros, which no random id is.
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
    if (hex.size() != 2 * kSize ||
        hex.find_first_not_of(kHexDigits) != hex.npos) {
      return std::nullopt;
    }
    Id id;
    for (size_t i = 0; i < kSize; ++i) {
      const char* const digits = hex.data() + 2 * i;
      std::from_chars(digits, digits + 2, id.bytes_[i], 16);
    }
    return id;
  }

  std::string ToBytes() const { return {bytes_.begin(), bytes_.end()}; }

  std::string ToHex() const { return absl::BytesToHexString(ToBytes()); }

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
