#include "federation/sessions/clone_detector.h"

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr std::chrono::minutes kFlipsWithin{5};
// The daemon that is turned away tries again within a minute.
constexpr std::chrono::minutes kBothShown{5};
constexpr size_t kMostFlips = 3;
constexpr size_t kMostInstances = 4;

}  // namespace

bool CloneDetector::TakeTurns(const std::string& instance, SteadyTime now) {
  if (!instances_.empty() && instances_.back() == instance) return false;
  // It may be the one that was turned away.
  turned_away_.clear();
  came_back_.reset();
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

absl::Status CloneDetector::TurnAway(const std::string& instance,
                                     SteadyTime now) {
  if (instances_.empty() || instances_.back() == instance) {
    return Refusal(Reason::kRequestInvalid,
                   "a later session of this account stands");
  }
  // The first time may be the last word of a daemon that is dead.
  if (std::exchange(turned_away_, instance) == instance) came_back_ = now;
  return Refusal(Reason::kRequestInvalid,
                 "another daemon runs with this account's identity, perhaps a "
                 "restored backup; stop one of the two");
}

bool CloneDetector::BothRun(SteadyTime pinged_at) {
  if (!came_back_ || *came_back_ >= pinged_at) return false;
  both_ran_ = std::exchange(came_back_, std::nullopt);
  return true;
}

absl::Status CloneDetector::Trouble(SteadyTime now) const {
  if (!both_ran_ || now - *both_ran_ > kBothShown) return absl::OkStatus();
  return Refusal(Reason::kPeerIdentityMismatch, std::string(kCloned));
}

void CloneDetector::Forget() { *this = {}; }

}  // namespace interlink::federation
