#pragma once

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "store/ids.h"

namespace interlink::federation {

// How many calls each link has brought since the start, let in or refused.
//
// Threading: thread-safe.
class CallsByLink {
 public:
  struct Count {
    uint64_t admitted = 0;
    uint64_t refused = 0;
  };

  void AddAdmitted(store::InterlinkId id) {
    absl::MutexLock lock(&mutex_);
    ++counts_[id].admitted;
  }
  void AddRefused(store::InterlinkId id) {
    absl::MutexLock lock(&mutex_);
    ++counts_[id].refused;
  }
  // The link is gone, and brings no more calls.
  void Forget(store::InterlinkId id) {
    absl::MutexLock lock(&mutex_);
    counts_.erase(id);
  }
  Count Of(store::InterlinkId id) const {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = counts_.find(id);
    return found == counts_.end() ? Count{} : found->second;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<store::InterlinkId, Count> counts_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
