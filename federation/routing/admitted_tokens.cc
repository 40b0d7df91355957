#include "federation/routing/admitted_tokens.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace interlink::federation {
namespace {

// Of no call, or of one without a call_id.
constexpr uint32_t kNoCall = 0;

// Two calls with one hash count as one, which their caller could have as well
// by giving them one call_id.
uint32_t HashOf(const std::string& call_id) {
  if (call_id.empty()) return kNoCall;
  const auto hash = static_cast<uint32_t>(absl::HashOf(call_id));
  return std::max<uint32_t>(hash, kNoCall + 1);
}

}  // namespace

AdmittedTokens::Key AdmittedTokens::KeyOf(const CallToken& token) {
  Key key;
  std::copy(token.bytes().begin(), token.bytes().end(), key.begin());
  return key;
}

bool AdmittedTokens::Uses::HasCall(uint32_t hash) const {
  return hash != kNoCall && std::find(call_hashes.begin(), call_hashes.end(),
                                      hash) != call_hashes.end();
}

bool AdmittedTokens::Has(const CallToken& token) const {
  return uses_.contains(KeyOf(token));
}

bool AdmittedTokens::HasCall(const CallToken& token,
                             const std::string& call_id) const {
  const auto found = uses_.find(KeyOf(token));
  return found != uses_.end() && found->second.HasCall(HashOf(call_id));
}

bool AdmittedTokens::IsUsedUp(const CallToken& token) const {
  const auto found = uses_.find(KeyOf(token));
  return found != uses_.end() && found->second.admissions >= kMostAdmissions;
}

void AdmittedTokens::Add(const CallToken& token, const std::string& call_id) {
  Uses& uses = uses_[KeyOf(token)];
  ++uses.admissions;
  const uint32_t hash = HashOf(call_id);
  if (!uses.HasCall(hash)) uses.call_hashes.at(uses.calls++) = hash;
}

void AdmittedTokens::ForgetBefore(uint32_t clock) {
  known_since_ = std::max(known_since_, clock);
  const auto clock_of = [](const Key& key) {
    return CallToken::ClockIn(
        {reinterpret_cast<const char*>(key.data()), key.size()});
  };
  while (!uses_.empty() && clock_of(uses_.begin()->first) < clock) {
    uses_.erase(uses_.begin());
  }
}

}  // namespace interlink::federation
