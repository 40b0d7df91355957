#include "federation/ledger/decisions.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "federation/base/reason.h"

namespace interlink::federation {

void Decisions::Add(const Subject& subject, Decide decide, Done done,
                    Wanted wanted) {
  assert(loop_.IsOnLoop());
  const size_t places =
      subject.is_for_peer ? kMostWaiting - kKeptFromPeers : kMostWaiting;
  if (waiting_.size() >= places) {
    loop_.Post([done = std::move(done), places,
                alive = std::weak_ptr(alive_)]() mutable {
      if (alive.expired()) return;
      done(Refusal(Reason::kStoreUnavailable,
                   absl::StrCat(places,
                                " changes wait for the disk already; try again "
                                "once it has stored them")));
    });
    return;
  }
  waiting_.push_back({subject,
                      std::move(decide),
                      std::move(done),
                      std::move(wanted),
                      {},
                      false});
  DecideLater();
}

void Decisions::DecideLater() {
  if (waiting_.empty() || is_committing_ || std::exchange(is_posted_, true)) {
    return;
  }
  loop_.Post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) DecideAll();
  });
}

absl::StatusOr<Changes> Decisions::Ask(Decision& decision,
                                       const Draft& draft) const {
  if (decision.wanted && !decision.wanted()) {
    return absl::CancelledError("the caller is gone");
  }
  if (const absl::Status failure = database_.failure(); !failure.ok()) {
    return StoreRefusal(failure);
  }
  return decision.decide(draft);
}

void Decisions::DecideAll() {
  is_posted_ = false;
  Draft draft(database_);
  while (!waiting_.empty() &&
         draft.Cost() + kCostOfDecision * taken_.size() < kEnoughChanges) {
    Decision& next = waiting_.front();
    if (draft.Touches(next.subject)) break;
    auto changes = Ask(next, draft);
    next.outcome = changes.status();
    next.needs_commit = draft.IsChanged();
    if (changes.ok() && !changes->IsEmpty()) {
      // One that is too large by itself is for the store to refuse.
      if (draft.IsChanged() && !draft.HasRoomFor(*changes)) break;
      next.needs_commit = true;
      draft.Add(*std::move(changes));
    }
    taken_.push_back(std::move(next));
    waiting_.pop_front();
  }
  is_committing_ = true;
  if (draft.IsChanged()) {
    Commit(draft);
  } else {
    Committed(absl::OkStatus());
  }
}

std::vector<store::Op> Decisions::OpsOf(Changes changes) const {
  std::vector<store::Op> ops = std::move(changes.ops);
  // A store that was put back has set its generation itself.
  const bool is_set = std::any_of(ops.begin(), ops.end(), [](const auto& op) {
    return op.key == store::kGenerationKey;
  });
  if (changes.moves_generation && !is_set) ops.push_back(generation_.Next());
  events_.Append(changes.events, ops);
  return ops;
}

void Decisions::Commit(Draft& draft) {
  store::Batch batch{{store::Precondition::Unchanged(database_.revision())},
                     OpsOf(draft.Take())};
  database_.Commit(std::move(batch),
                   [this, alive = std::weak_ptr(alive_)](
                       const absl::StatusOr<store::Revision>& revision) {
                     if (!alive.expired()) Committed(revision.status());
                   });
}

void Decisions::Committed(const absl::Status& status) {
  is_committing_ = false;
  std::vector<Decision> taken = std::exchange(taken_, {});
  if (absl::IsAborted(status)) {
    waiting_.insert(waiting_.begin(), std::make_move_iterator(taken.begin()),
                    std::make_move_iterator(taken.end()));
    taken.clear();
  }
  DecideLater();
  const std::weak_ptr<bool> alive = alive_;
  for (Decision& decision : taken) {
    if (alive.expired()) return;  // By the one before.
    const bool is_lost = !status.ok() && decision.needs_commit;
    decision.done(is_lost ? StoreRefusal(status) : decision.outcome);
  }
}

}  // namespace interlink::federation
