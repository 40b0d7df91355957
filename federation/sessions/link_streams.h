#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "federation/sessions/session.h"

namespace interlink::federation {

// The streams of one link: the active session, by which the link goes, and
// candidates, which have yet to answer a ping (design.md section 8).
//
// Threading: loop only.
class LinkStreams {
 public:
  // `own_is_smaller`: this account's id is smaller than the peer's.
  explicit LinkStreams(bool own_is_smaller) : own_is_smaller_(own_is_smaller) {}

  Session* active() const { return active_.get(); }
  const std::vector<std::unique_ptr<Session>>& candidates() const {
    return candidates_;
  }
  bool empty() const { return active_ == nullptr && candidates_.empty(); }
  bool IsCandidate(const Session* session) const;
  // Whether a stream that the peer dialled at that epoch or later is open.
  bool HasAcceptedSince(uint64_t epoch) const;

  void Add(std::unique_ptr<Session> candidate);
  // REQUIRES: the session is one of these streams.
  std::unique_ptr<Session> Remove(const Session& session);

  // Whether the link should go by this candidate, once it has a pong.
  bool ShouldPromote(const Session& candidate) const;
  // Makes a candidate the active session; returns the former one, or nullptr.
  std::unique_ptr<Session> Promote(const Session& candidate);

  std::vector<std::unique_ptr<Session>> TakeCandidates();
  // The candidates that the active session outranks.
  std::vector<std::unique_ptr<Session>> TakeOutranked();

  template <class Action>
  void ForEach(Action action) const {
    if (active_ != nullptr) action(*active_);
    for (const auto& candidate : candidates_) action(*candidate);
  }

 private:
  const bool own_is_smaller_;
  std::unique_ptr<Session> active_;
  std::vector<std::unique_ptr<Session>> candidates_;
};

}  // namespace interlink::federation
