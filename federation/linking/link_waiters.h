#pragma once

#include <map>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "federation/ledger/interlinks.h"

namespace interlink::federation {

// Callers of LinkAccount that wait until an attempt is settled. Each is
// answered once, and never from within a call of this class.
//
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class LinkWaiters {
 public:
  using Result = absl::StatusOr<api::Interlink>;
  using Done = absl::AnyInvocable<void(Result)>;
  struct Waiter {
    Done done;
    std::unique_ptr<EventLoop::Timer> timer;
  };
  using Waiters = std::vector<std::unique_ptr<Waiter>>;

  LinkWaiters(const Interlinks& interlinks, EventLoop& loop)
      : interlinks_(interlinks), loop_(loop) {}

  // After `wait` the answer is the row as it then stands.
  void Add(store::InterlinkId id, Duration wait, Done done);

  // Takes out those that wait for that row, for Answer(); their time runs no
  // more.
  Waiters Take(store::InterlinkId id);
  void Answer(Waiters waiters, const Result& result);
  void Answer(Done done, Result result);
  // Answers those that wait for that row with what became of it.
  void AnswerWithOutcome(store::InterlinkId id);
  // Answers all with the rows as they stand; nobody can wait any more.
  void End();

  // The row, or the one that stands for it; LINK_TERMINATED if it is gone.
  Result OutcomeOf(store::InterlinkId id) const;

 private:
  // The time of `late` is up.
  void AnswerLate(store::InterlinkId id, Waiter& late);

  const Interlinks& interlinks_;
  EventLoop& loop_;
  std::map<store::InterlinkId, Waiters> waiters_;  // None is empty.
  bool has_ended_ = false;
};

}  // namespace interlink::federation
