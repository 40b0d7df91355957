#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "store/ids.h"
#include "store/internal_number.h"

namespace interlink::federation {

// A call token (design.md section 16): the user part of the URI of one call to
// one number over one link. It shows the owner of the number that his own
// account's peer, over a link that stands, has just asked who has it.
//
// Its text is "il-", the number, "-" and the base32 of 24 bytes, at most 58
// characters of [a-z0-9-], because PBXs cut at 79 without a word, and escape or
// lower-case the rest.
// A value.
class CallToken {
 public:
  static constexpr size_t kBytes = 24;

  // The token of a call to `number`: `clock` is what the call clock of the
  // number's owner shows, in seconds; `random` tells the token from others of
  // that second.
  static CallToken Mint(std::string_view call_key, store::InterlinkId id,
                        store::InternalNumber number, uint32_t clock,
                        uint32_t random);

  // Reads the text, in either case; nullopt unless it has the form of a token.
  static std::optional<CallToken> Parse(std::string_view text);

  std::string ToText() const;

  // Whether it was made with that key for that link and has not been changed,
  // in a time that does not depend on how far it is right.
  bool IsMintedWith(std::string_view call_key, store::InterlinkId id) const;

  // The tag of a link, by which its tokens are found.
  static uint32_t TagOf(store::InterlinkId id);

  store::InternalNumber number() const { return number_; }
  uint32_t tag() const { return WordAt(bytes_, kTagPlace); }
  uint32_t clock() const { return ClockIn(bytes_); }
  // The tokens of one link sort as they were dated.
  const std::string& bytes() const { return bytes_; }
  // The clock() of the token that has these bytes.
  static uint32_t ClockIn(std::string_view bytes) {
    return WordAt(bytes, kClockPlace);
  }

 private:
  CallToken(store::InternalNumber number, std::string bytes)
      : number_(number), bytes_(std::move(bytes)) {}
  static constexpr size_t kTagPlace = 0;
  static constexpr size_t kClockPlace = 4;
  static uint32_t WordAt(std::string_view bytes, size_t place);

  store::InternalNumber number_;
  std::string bytes_;
};

}  // namespace interlink::federation
