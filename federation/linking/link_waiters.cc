#include "federation/linking/link_waiters.h"

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"
#include "federation/ledger/interlink_view.h"

namespace interlink::federation {

void LinkWaiters::Add(store::InterlinkId id, Duration wait, Done done) {
  if (has_ended_) {
    Answer(std::move(done), OutcomeOf(id));
    return;
  }
  auto waiter = std::make_unique<Waiter>();
  waiter->done = std::move(done);
  waiter->timer =
      loop_.After(std::max(wait, Duration::zero()),
                  [this, id, late = waiter.get()] { AnswerLate(id, *late); });
  waiters_[id].push_back(std::move(waiter));
}

void LinkWaiters::AnswerLate(store::InterlinkId id, Waiter& late) {
  Done done = std::move(late.done);
  const auto waiting = waiters_.find(id);
  std::erase_if(waiting->second,
                [&](const auto& waiter) { return waiter.get() == &late; });
  if (waiting->second.empty()) waiters_.erase(waiting);
  done(OutcomeOf(id));
}

LinkWaiters::Waiters LinkWaiters::Take(store::InterlinkId id) {
  auto node = waiters_.extract(id);
  if (node.empty()) return {};
  for (auto& waiter : node.mapped()) waiter->timer.reset();
  return std::move(node.mapped());
}

void LinkWaiters::Answer(Waiters waiters, const Result& result) {
  for (auto& waiter : waiters) Answer(std::move(waiter->done), result);
}

void LinkWaiters::Answer(Done done, Result result) {
  loop_.Post([result = std::move(result), done = std::move(done)]() mutable {
    done(std::move(result));
  });
}

void LinkWaiters::AnswerWithOutcome(store::InterlinkId id) {
  Answer(Take(id), OutcomeOf(id));
}

void LinkWaiters::End() {
  has_ended_ = true;
  while (!waiters_.empty()) AnswerWithOutcome(waiters_.begin()->first);
}

LinkWaiters::Result LinkWaiters::OutcomeOf(store::InterlinkId id) const {
  if (const Row* row = interlinks_.Find(id)) return ShowInterlink(*row);
  auto tombstone = interlinks_.FindTombstone(id);
  if (!tombstone.ok()) return tombstone.status();
  if (*tombstone) {
    const Row* row = interlinks_.SuccessorOf(**tombstone);
    if (row != nullptr) return ShowInterlink(*row);
  }
  return Refusal(Reason::kLinkTerminated,
                 "this interlink was deleted before it was through; ask for a "
                 "new key");
}

}  // namespace interlink::federation
