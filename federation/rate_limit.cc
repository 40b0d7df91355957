#include "federation/rate_limit.h"

namespace interlink::federation {
namespace {

// Without the port, which each connection has its own.
std::string_view HostOf(std::string_view source) {
  return source.substr(0, source.rfind(':'));
}

}  // namespace

RedeemLimiter::RedeemLimiter(int per_source, int in_all)
    : per_source_(per_source), in_all_(in_all), total_(in_all, in_all) {}

bool RedeemLimiter::Allows(std::string_view source, SteadyTime now) {
  if (in_all_ > 0 && !total_.HasToken(now)) return false;
  if (per_source_ <= 0) return true;
  auto bucket = sources_.find(HostOf(source));
  return bucket == sources_.end() || bucket->second.HasToken(now);
}

void RedeemLimiter::Charge(std::string_view source, SteadyTime now) {
  if (in_all_ > 0) total_.Take(now);
  if (per_source_ <= 0) return;
  const std::string_view host = HostOf(source);
  auto bucket = sources_.find(host);
  if (bucket == sources_.end()) {
    if (sources_.size() >= kMaxSources) {
      for (auto i = sources_.begin(); i != sources_.end();) {
        i = i->second.IsFull(now) ? sources_.erase(i) : std::next(i);
      }
    }
    // Still full of sources that all guess: the limit in all holds them.
    if (sources_.size() >= kMaxSources) return;
    bucket =
        sources_.emplace(host, TokenBucket(per_source_ / 60.0, per_source_))
            .first;
  }
  bucket->second.Take(now);
}

}  // namespace interlink::federation
