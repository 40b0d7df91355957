#include "federation/sessions/link_streams.h"

#include <algorithm>
#include <utility>

namespace interlink::federation {

bool LinkStreams::IsCandidate(const Session* session) const {
  return std::any_of(
      candidates_.begin(), candidates_.end(),
      [session](const auto& other) { return other.get() == session; });
}

bool LinkStreams::HasAcceptedSince(uint64_t epoch) const {
  bool found = false;
  ForEach([&](const Session& session) {
    found |= !session.is_dialled_here() && session.is_open() &&
             session.epoch() >= epoch;
  });
  return found;
}

void LinkStreams::Add(std::unique_ptr<Session> candidate) {
  candidates_.push_back(std::move(candidate));
}

std::unique_ptr<Session> LinkStreams::Remove(const Session& session) {
  if (active_.get() == &session) return std::move(active_);
  const auto place = std::find_if(
      candidates_.begin(), candidates_.end(),
      [&session](const auto& other) { return other.get() == &session; });
  auto removed = std::move(*place);
  candidates_.erase(place);
  return removed;
}

bool LinkStreams::ShouldPromote(const Session& candidate) const {
  if (active_ == nullptr) return true;
  if (candidate.is_dialled_here() == active_->is_dialled_here()) {
    return candidate.epoch() > active_->epoch();
  }
  // The daemon at the other end of the active session runs no more.
  if (candidate.peer_instance() != active_->peer_instance()) return true;
  return candidate.is_dialled_here() == own_is_smaller_;
}

std::unique_ptr<Session> LinkStreams::Promote(const Session& candidate) {
  return std::exchange(active_, Remove(candidate));
}

std::vector<std::unique_ptr<Session>> LinkStreams::TakeCandidates() {
  return std::exchange(candidates_, {});
}

std::vector<std::unique_ptr<Session>> LinkStreams::TakeOutranked() {
  const auto outranked = std::stable_partition(
      candidates_.begin(), candidates_.end(), [this](const auto& candidate) {
        // Without a Hello it has no pong under way.
        return candidate->is_open() && ShouldPromote(*candidate);
      });
  std::vector<std::unique_ptr<Session>> taken(
      std::make_move_iterator(outranked),
      std::make_move_iterator(candidates_.end()));
  candidates_.erase(outranked, candidates_.end());
  return taken;
}

}  // namespace interlink::federation
