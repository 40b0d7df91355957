#pragma once

#include <array>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace interlink::store {

// Why an account in etcd takes no commit: several things can be wrong at once.
//
// Threading: failure() from any thread; the rest from the loop.
class Troubles {
 public:
  // In the order in which they are told.
  enum Kind {
    kEnded,      // What etcd holds is no longer what was read: for good.
    kUnseen,     // No member shows what etcd holds.
    kUnwritten,  // Etcd takes no commit, or a commit is not settled.
    kUnled,      // Another replica leads.
    kKinds,
  };

  // Sets it, or with OK ends it; whether there was no failure() before.
  bool Set(Kind kind, absl::Status status);
  const absl::Status& Get(Kind kind) const { return all_[kind]; }

  // The first of them; OK if there is none.
  absl::Status failure() const;

 private:
  std::array<absl::Status, kKinds> all_;
  mutable absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::store
