#include "federation/linking/redeem_limiter.h"

#include <utility>

#include "federation/base/ip_address.h"

namespace interlink::federation {

RedeemLimiter::RedeemLimiter(int per_source, int in_all)
    : per_source_(per_source), in_all_(in_all), total_(in_all, in_all) {}

void RedeemLimiter::LimitSources(int per_source) {
  if (std::exchange(per_source_, per_source) != per_source) sources_.clear();
}

std::optional<RedeemLimiter::Excess> RedeemLimiter::Charge(
    std::string_view source, SteadyTime now) {
  TokenBucket* const bucket = BucketOf(source, now);
  if (bucket != nullptr && !bucket->HasToken(now)) {
    return Excess{.is_in_all = false, .wait = bucket->Wait(now)};
  }
  if (in_all_ > 0 && !total_.Take(now)) {
    return Excess{.is_in_all = true, .wait = total_.Wait(now)};
  }
  if (bucket != nullptr) bucket->Take(now);
  return std::nullopt;
}

TokenBucket* RedeemLimiter::BucketOf(std::string_view source, SteadyTime now) {
  if (per_source_ <= 0) return nullptr;
  const std::string network = NetworkOf(source);
  const auto found = sources_.find(network);
  if (found != sources_.end()) return &found->second;
  if (sources_.size() >= kMaxSources) ForgetFull(sources_, now);
  // All of them are still guessing: the limit in all has to hold them.
  if (sources_.size() >= kMaxSources) return nullptr;
  return &sources_
              .emplace(network, TokenBucket(per_source_ / 60.0, per_source_))
              .first->second;
}

}  // namespace interlink::federation
