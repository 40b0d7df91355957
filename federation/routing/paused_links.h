#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/ledger/row.h"
#include "store/ids.h"

namespace interlink::federation {

// The links that either side has paused. An answer that nobody has a number
// names them, because they were not asked.
//
// Threading: thread-safe.
class PausedLinks {
 public:
  // The row has changed; nullptr: it is gone.
  void Set(store::InterlinkId id, const Row* row);

  // A few of them, such as `"John Smith" (paused here)`; empty if there is
  // none.
  std::string InWords() const;

 private:
  mutable absl::Mutex mutex_;
  std::map<store::InterlinkId, std::string> words_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
