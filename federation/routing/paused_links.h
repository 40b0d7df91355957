#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/ledger/row.h"
#include "store/ids.h"

namespace interlink::federation {

// The links that are paused by either side, for those who are told that nobody
// has a number: these were not asked.
//
// Threading: thread-safe.
class PausedLinks {
 public:
  // `row` is the row as it is now; nullptr if it is gone.
  void Set(store::InterlinkId id, const Row* row);

  // Such as `"John Smith" (paused here)`, a few of them; empty if none is
  // paused.
  std::string InWords() const;

 private:
  mutable absl::Mutex mutex_;
  std::map<store::InterlinkId, std::string> words_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
