#include "federation/routing/call_token.h"

#include "absl/strings/ascii.h"
#include "federation/identity/certificate.h"
#include "federation/identity/proof.h"

namespace interlink::federation {
namespace {

constexpr std::string_view kPrefix = "il-";
constexpr std::string_view kTagLabel = "interlink-call-tag-v1";
constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr size_t kHeadBytes = 12;
constexpr size_t kTextBytes = 39;  // Of the base32.

void AppendWord(uint32_t word, std::string& bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(word >> shift & 0xff);
  }
}

std::string ToBase32(std::string_view bytes) {
  std::string text;
  text.reserve(kTextBytes);
  uint32_t left = 0;  // The bits that have no digit yet.
  int count = 0;
  for (const char byte : bytes) {
    left = left << 8 | static_cast<uint8_t>(byte);
    for (count += 8; count >= 5; count -= 5) {
      text += kDigits[left >> (count - 5) & 31];
    }
  }
  text += kDigits[left << (5 - count) & 31];
  return text;
}

// nullopt unless `text` is the base32 of 24 bytes.
std::optional<std::string> FromBase32(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  std::string bytes;
  bytes.reserve(CallToken::kBytes);
  uint32_t left = 0;
  int count = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(absl::ascii_tolower(c));
    if (digit == kDigits.npos) return std::nullopt;
    left = left << 5 | static_cast<uint32_t>(digit);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(left >> count & 0xff);
  }
  // Or one token would have several texts.
  const bool is_rest_zero = (left & ((1u << count) - 1)) == 0;
  return is_rest_zero ? std::optional(bytes) : std::nullopt;
}

}  // namespace

CallToken CallToken::Mint(std::string_view call_key, store::InterlinkId id,
                          store::InternalNumber number, uint32_t clock,
                          uint32_t random) {
  std::string bytes;
  bytes.reserve(kBytes);
  AppendWord(TagOf(id), bytes);
  AppendWord(clock, bytes);
  AppendWord(random, bytes);
  bytes += CallProof(call_key, id, number.ToString(), bytes);
  return {number, std::move(bytes)};
}

std::optional<CallToken> CallToken::Parse(std::string_view text) {
  if (text.size() < kPrefix.size()) return std::nullopt;
  if (absl::AsciiStrToLower(absl::string_view(text.data(), kPrefix.size())) !=
      absl::string_view(kPrefix.data(), kPrefix.size())) {
    return std::nullopt;
  }
  text.remove_prefix(kPrefix.size());
  const size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto number = store::InternalNumber::Parse(text.substr(0, dash));
  auto bytes = FromBase32(text.substr(dash + 1));
  if (!number || !bytes) return std::nullopt;
  return CallToken(*number, *std::move(bytes));
}

std::string CallToken::ToText() const {
  return std::string(kPrefix) + number_.ToString() + "-" + ToBase32(bytes_);
}

bool CallToken::IsMintedWith(std::string_view call_key,
                             store::InterlinkId id) const {
  const std::string_view bytes = bytes_;
  return SameProof(
      CallProof(call_key, id, number_.ToString(), bytes.substr(0, kHeadBytes)),
      bytes.substr(kHeadBytes));
}

uint32_t CallToken::TagOf(store::InterlinkId id) {
  const std::string hash = Sha256(std::string(kTagLabel) + id.ToBytes());
  uint32_t tag = 0;
  for (size_t i = 0; i < 4; ++i) tag = tag << 8 | static_cast<uint8_t>(hash[i]);
  return tag;
}

uint32_t CallToken::WordAt(std::string_view bytes, size_t place) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) {
    word = word << 8 | static_cast<uint8_t>(bytes[place + i]);
  }
  return word;
}

}  // namespace interlink::federation
