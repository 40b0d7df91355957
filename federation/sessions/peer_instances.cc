#include "federation/sessions/peer_instances.h"

#include <algorithm>

namespace interlink::federation {
namespace {

constexpr std::chrono::minutes kFlipsWithin{5};
constexpr size_t kMostFlips = 3;
constexpr size_t kMostInstances = 4;

}  // namespace

bool PeerInstances::TakeTurns(const std::string& instance, SteadyTime now) {
  if (!instances_.empty() && instances_.back() == instance) return false;
  const auto known = std::find(instances_.begin(), instances_.end(), instance);
  if (known != instances_.end()) {
    flips_.push_back(now);
    instances_.erase(known);
  }
  instances_.push_back(instance);
  if (instances_.size() > kMostInstances) instances_.erase(instances_.begin());
  while (!flips_.empty() && now - flips_.front() > kFlipsWithin) {
    flips_.pop_front();
  }
  return flips_.size() > kMostFlips;
}

void PeerInstances::Forget() {
  instances_.clear();
  flips_.clear();
}

}  // namespace interlink::federation
