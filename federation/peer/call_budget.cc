#include "federation/peer/call_budget.h"

#include "absl/hash/hash.h"
#include "federation/base/ip_address.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

// Whether one more bucket may be kept. Forgets full buckets if there are too
// many.
template <class Buckets>
bool HasRoom(Buckets& buckets, SteadyTime now) {
  if (buckets.size() < CallBudget::kMostCallers) return true;
  ForgetFull(buckets, now);
  return buckets.size() < CallBudget::kMostCallers;
}

}  // namespace

absl::Status CallBudget::Take(const PeerCaller& caller) {
  const SteadyTime now = loop_.Now();
  absl::MutexLock lock(&mutex_);
  const size_t key = absl::HashOf(caller.certificate.leaf_pem);
  auto bucket = callers_.find(key);
  if (bucket == callers_.end()) {
    TokenBucket fresh = NewBucket(caller, now);
    // All of the many callers are busy, so this one is not remembered.
    if (!HasRoom(callers_, now)) return absl::OkStatus();
    bucket = callers_.emplace(key, fresh).first;
  }
  if (bucket->second.Take(now)) return absl::OkStatus();
  return RetryAfter(
      Refusal(Reason::kRateLimited,
              "this account's daemon calls too often; the next call is "
              "welcome in a second"),
      std::chrono::seconds(1));
}

TokenBucket CallBudget::NewBucket(const PeerCaller& caller, SteadyTime now) {
  const std::string network = NetworkOf(caller.source);
  auto source = sources_.find(network);
  if (source == sources_.end() && HasRoom(sources_, now)) {
    source = sources_.emplace(network, TokenBucket(kNewRate, kNewAtOnce)).first;
  }
  const bool is_welcome = source != sources_.end() && source->second.Take(now);
  return TokenBucket(kRate, is_welcome ? kAtOnce : kFew);
}

}  // namespace interlink::federation
