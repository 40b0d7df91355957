#include "store/etcd/troubles.h"

#include <utility>

namespace interlink::store {

bool Troubles::Set(Kind kind, absl::Status status) {
  all_[kind] = std::move(status);
  absl::Status first;
  for (const absl::Status& one : all_) {
    if (first.ok()) first = one;
  }
  const absl::MutexLock lock(&mutex_);
  std::swap(failure_, first);
  return first.ok() && !failure_.ok();
}

absl::Status Troubles::failure() const {
  const absl::MutexLock lock(&mutex_);
  return failure_;
}

}  // namespace interlink::store
