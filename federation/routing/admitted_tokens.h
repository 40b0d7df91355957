#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "federation/base/settings.h"
#include "federation/routing/call_token.h"

namespace interlink::federation {

// How often each call token of one link was let in, and for which calls, for as
// long as it can be let in at all.
//
// A call is known by its call_id; one without a call_id is never the same as
// another. Threading: none of its own.
class AdmittedTokens {
 public:
  // A link that is let in as often as the default limit allows has 7 400 at
  // most, each of 60 bytes.
  static constexpr size_t kMost = 50'000;

  bool Has(const CallToken& token) const;
  bool HasCall(const CallToken& token, const std::string& call_id) const;
  // Whether the token was let in kMostAdmissions times.
  bool IsUsedUp(const CallToken& token) const;
  // Whether the token is dated before what ForgetBefore() was told, so that
  // nobody knows how often it was let in.
  bool IsForgotten(const CallToken& token) const {
    return token.clock() < known_since_;
  }
  // REQUIRES: neither IsUsedUp() nor IsForgotten(); and not IsFull(), or Has().
  void Add(const CallToken& token, const std::string& call_id);
  bool IsFull() const { return uses_.size() >= kMost; }
  // Forgets the tokens that are dated before `clock`.
  void ForgetBefore(uint32_t clock);

 private:
  // Those of one link differ in their time first.
  using Key = std::array<uint8_t, CallToken::kBytes>;
  struct Uses {
    uint8_t admissions = 0;
    uint8_t calls = 0;
    std::array<uint32_t, kMostAdmissions> call_hashes{};

    bool HasCall(uint32_t hash) const;
  };
  static Key KeyOf(const CallToken& token);

  absl::btree_map<Key, Uses> uses_;
  uint32_t known_since_ = 0;
};

}  // namespace interlink::federation
