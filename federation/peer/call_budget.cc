#include "federation/peer/call_budget.h"

#include "absl/hash/hash.h"
#include "federation/base/ip_address.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

// Looking through all buckets takes longer than a call does.
constexpr std::chrono::milliseconds kBetweenLooks{500};

absl::Status TooOften(const std::string& who) {
  return RetryAfter(
      Refusal(Reason::kRateLimited,
              who + " too often; the next call is welcome in a second"),
      std::chrono::seconds(1));
}

}  // namespace

template <class Key, class Bucket>
Bucket* CallBudget::Buckets<Key, Bucket>::Of(const Key& key, SteadyTime now) {
  const auto found = buckets_.find(key);
  if (found != buckets_.end()) return &found->second;
  if (buckets_.size() >= kMostCallers) {
    if (now < busy_until_) return nullptr;
    ForgetFull(buckets_, now);
    if (buckets_.size() >= kMostCallers) {
      busy_until_ = now + kBetweenLooks;
      return nullptr;
    }
  }
  return &buckets_.try_emplace(key).first->second;
}

absl::Status CallBudget::Take(const PeerCaller& caller,
                              std::optional<store::InterlinkId> link) {
  const SteadyTime now = loop_.Now();
  absl::MutexLock lock(&mutex_);
  // A caller that is not remembered has what is left to share.
  Caller* own = callers_.Of(absl::HashOf(caller.certificate.leaf_pem), now);
  if (own != nullptr && !own->calls.Take(now)) {
    return TooOften("this account's daemon calls");
  }
  Shared* shared =
      shared_.Of(link ? link->ToBytes() : NetworkOf(caller.source), now);
  if (shared == nullptr) shared = &others_;
  if (shared->Take(now) || (own != nullptr && own->own.Take(now))) {
    return absl::OkStatus();
  }
  return TooOften(link ? "this account's daemons call"
                       : "this account's daemon, or others at its address, "
                         "call");
}

}  // namespace interlink::federation
