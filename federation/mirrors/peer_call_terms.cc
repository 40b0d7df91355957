#include "federation/mirrors/peer_call_terms.h"

#include <limits>

#include "federation/identity/proof.h"

namespace interlink::federation {
namespace {

using std::chrono::milliseconds;

// A message takes no longer to arrive, or its session ends.
constexpr std::chrono::seconds kLongestWay{30};

// nullopt for a clock whose seconds no token can have.
std::optional<milliseconds> ClockOf(uint64_t told) {
  constexpr uint64_t kEnd =
      (uint64_t{std::numeric_limits<uint32_t>::max()} + 1) * 1000;
  if (told == 0 || told >= kEnd) return std::nullopt;
  return milliseconds(static_cast<milliseconds::rep>(told));
}

}  // namespace

void PeerCallTerms::AddLink(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  links_.try_emplace(id);
}

void PeerCallTerms::RemoveLink(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  links_.erase(id);
}

void PeerCallTerms::Heard(store::InterlinkId id, const v1::CallTerms& terms,
                          std::optional<Duration> round_trip) {
  if (round_trip) HeardClock(id, terms.clock_milliseconds(), *round_trip);
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  link.key = terms.key().size() == kCallKeyBytes ? terms.key() : "";
  const auto clock = ClockOf(terms.clock_milliseconds());
  if (round_trip || !clock) return;
  // The clock has run on while the message was on its way. So the message
  // tells something new if it is ahead of what is known, or so far behind that
  // the peer's daemon must have started anew.
  const milliseconds ahead = *clock - SinceBoot();
  if (!link.ahead || ahead > *link.ahead || *link.ahead - ahead > kLongestWay) {
    link.ahead = ahead;
  }
}

void PeerCallTerms::HeardClock(store::InterlinkId id, uint64_t told,
                               Duration round_trip) {
  const auto clock = ClockOf(told);
  if (!clock) return;
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  // As if it was told in the middle of the round trip: then it is wrong by half
  // of that at most.
  found->second.ahead =
      *clock - SinceBoot() + std::chrono::floor<milliseconds>(round_trip / 2);
}

std::optional<PeerCallTerms::Terms> PeerCallTerms::Of(
    store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = links_.find(id);
  if (found == links_.end() || found->second.key.empty() ||
      !found->second.ahead) {
    return std::nullopt;
  }
  const auto clock = std::chrono::floor<std::chrono::seconds>(
      *found->second.ahead + SinceBoot());
  return Terms{.key = found->second.key,
               .clock = static_cast<uint32_t>(clock.count())};
}

}  // namespace interlink::federation
