#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "federation/routing/resolver.h"

namespace interlink::daemon {

// Numbers that Resolver::AnswerAtOnce() could not answer on a door's own
// thread: they are put to the account's loop, and the answers brought back.
//
// Threading: the door's loop, or while that does not run. Lifetime: the
// arguments must outlive it. The resolver may ask its peers for longer than
// this exists; the answer is then dropped.
class PeerQuestions {
 public:
  using Answer =
      absl::AnyInvocable<void(absl::StatusOr<federation::api::Resolution>)>;
  // A PBX does not wait for a loop that a disk or a burst of work holds up. The
  // resolver itself takes 0.8 seconds at most.
  static constexpr std::chrono::seconds kLongestWait{1};
  // So many may wait for the account's loop to take them up.
  static constexpr size_t kMostPosted = 1000;

  PeerQuestions(federation::EventLoop& door, federation::EventLoop& account,
                federation::Resolver& resolver);
  ~PeerQuestions();
  PeerQuestions(const PeerQuestions&) = delete;
  PeerQuestions& operator=(const PeerQuestions&) = delete;

  // `answer` is called once, on the door's loop and never from within this
  // call: LOOKUP_INCOMPLETE after kLongestWait, or soon if kMostPosted wait. It
  // is destroyed without a call if this is. Peers are not asked what the
  // account's loop takes up too late.
  void Ask(const federation::api::ResolveRequest& request,
           const federation::Asker& asker, Answer answer);

  size_t open() const { return open_.size(); }

 private:
  struct Question {
    Answer answer;
    std::unique_ptr<federation::EventLoop::Timer> deadline;
  };
  struct WayBack;

  void Post(const federation::api::ResolveRequest& request,
            const federation::Asker& asker, uint64_t id);
  void Answered(uint64_t id,
                absl::StatusOr<federation::api::Resolution> result);

  federation::EventLoop& door_;
  federation::EventLoop& account_;
  federation::Resolver& resolver_;
  std::map<uint64_t, Question> open_;
  uint64_t last_id_ = 0;
  const std::shared_ptr<WayBack> way_back_;
};

}  // namespace interlink::daemon
