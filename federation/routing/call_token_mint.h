#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "federation/base/randomness.h"
#include "federation/mirrors/peer_call_terms.h"
#include "federation/routing/call_token.h"

namespace interlink::federation {

// Makes the call tokens for routes over this account's links, on the thread
// that asks and without a message to anybody.
//
// Threading: Mint() from any thread. Lifetime: `terms` must outlive it.
class CallTokenMint {
 public:
  CallTokenMint(const PeerCallTerms& terms, Randomness& randomness)
      : terms_(terms) {
    uint32_t first;
    std::memcpy(&first, randomness.Bytes(sizeof(first)).data(), sizeof(first));
    next_ = first;
  }

  // The text of a new token; nullopt as long as the peer has not told its key
  // and clock.
  std::optional<std::string> Mint(store::InterlinkId id,
                                  store::InternalNumber number) const {
    const auto terms = terms_.Of(id);
    if (!terms) return std::nullopt;
    // An odd factor, so that no value comes again before all others have come:
    // two tokens of the same second must differ.
    const uint32_t random = next_.fetch_add(1) * 0x9e3779b1u;
    return CallToken::Mint(terms->key, id, number, terms->clock, random)
        .ToText();
  }

  bool CanMint(store::InterlinkId id) const {
    return terms_.Of(id).has_value();
  }

 private:
  const PeerCallTerms& terms_;
  mutable std::atomic<uint32_t> next_;
};

}  // namespace interlink::federation
