#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"
#include "federation/ledger/draft.h"
#include "federation/ledger/event_log.h"
#include "federation/ledger/generation.h"
#include "store/database.h"

namespace interlink::federation {

// The decisions of an account that wait, and those that are being committed
// (design.md section 11): decide, persist, then speak.
//
// Those that wait are taken one after another, each on what the ones before
// leave, and are committed as one batch. No more is decided until that is done,
// so each decision is about the state in which it is committed: a conflict has
// all of them decided again. One that reads links which the batch changes waits
// for the next batch.
//
// Threading: loop only. Lifetime: the arguments must outlive it. What waits
// when it is destroyed is dropped.
class Decisions {
 public:
  // Returns what to change, or why it refuses. Must have no other effect, since
  // it may be called again.
  using Decide = absl::AnyInvocable<absl::StatusOr<Changes>(const Draft&)>;
  // Gets the refusal, STORE_UNAVAILABLE, or OK: then what was decided is stored
  // and every table has it.
  using Done = absl::AnyInvocable<void(const absl::Status&)>;

  // False once nobody waits for the answer any more: it is then not decided,
  // and done with CANCELLED.
  using Wanted = std::function<bool()>;

  // Decisions that may wait: while the disk hangs, clients go on asking.
  static constexpr size_t kMostWaiting = 1000;
  // Places that are kept for what no peer causes.
  static constexpr size_t kKeptFromPeers = 500;
  // Changes of one batch after which it takes no more decisions, so that the
  // loop is not held for long. A decision that changes nothing takes its time,
  // too: it may verify a certificate.
  static constexpr size_t kEnoughChanges = 1000;
  static constexpr size_t kCostOfDecision = 8;  // In changes.

  Decisions(store::Database& database, const EventLog& events,
            const Generation& generation, EventLoop& loop)
      : database_(database),
        events_(events),
        generation_(generation),
        loop_(loop) {}

  // `done` is called later, never from within. It may add others. While the
  // store takes no changes nothing is decided, not even a refusal: it is
  // unknown what the write that failed has left.
  void Add(const Subject& subject, Decide decide, Done done,
           Wanted wanted = {});
  void Add(Decide decide, Done done, Wanted wanted = {}) {
    Add(Subject::NoLink(), std::move(decide), std::move(done),
        std::move(wanted));
  }

  // The ops of a batch with these changes: those of events and generation, too.
  std::vector<store::Op> OpsOf(Changes changes) const;

 private:
  struct Decision {
    Subject subject;
    Decide decide;
    Done done;
    Wanted wanted;
    absl::Status outcome;
    // Whether the outcome holds only if the batch is committed, because it is
    // about changes in it.
    bool needs_commit = false;
  };

  void DecideLater();
  void DecideAll();
  absl::StatusOr<Changes> Ask(Decision& decision, const Draft& draft) const;
  void Commit(Draft& draft);
  void Committed(const absl::Status& status);

  store::Database& database_;
  const EventLog& events_;
  const Generation& generation_;
  EventLoop& loop_;
  std::deque<Decision> waiting_;
  std::vector<Decision> taken_;  // Those of the batch.
  bool is_posted_ = false;
  bool is_committing_ = false;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::federation
