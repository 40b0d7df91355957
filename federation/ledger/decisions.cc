#include "federation/ledger/decisions.h"

#include <cassert>
#include <iterator>
#include <utility>

#include "federation/base/reason.h"

namespace interlink::federation {

void Decisions::Add(Decide decide, Done done) {
  assert(loop_.IsOnLoop());
  waiting_.push_back({std::move(decide), std::move(done), {}, false});
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

void Decisions::DecideAll() {
  is_posted_ = false;
  Draft draft(database_);
  while (!waiting_.empty() && draft.size() < kEnoughChanges) {
    Decision& next = waiting_.front();
    auto changes = next.decide(draft);
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

void Decisions::Commit(Draft& draft) {
  Changes changes = draft.Take();
  store::Batch batch{{store::Precondition::Unchanged(database_.revision())},
                     std::move(changes.ops)};
  events_.Append(changes.events, batch.ops);
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
  for (Decision& decision : taken) {
    const bool is_lost = !status.ok() && decision.needs_commit;
    decision.done(is_lost ? StoreRefusal(status) : decision.outcome);
  }
}

}  // namespace interlink::federation
