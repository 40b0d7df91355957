#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "federation/directory/directory_position.h"
#include "store/internal_number.h"
#include "store/records.h"

namespace interlink::federation {

// This account's numbers, for the calls that answer on the RPC thread.
//
// The numbers that peers may see are kept apart from all others. So a private,
// an unassigned and an absent number are the same miss: the same bytes in the
// same time (design.md section 9).
// Threading: thread-safe.
class Directory {
 public:
  // A number as peers see it.
  struct Shared {
    std::string name;
    std::string contact;  // Empty: the account's template.

    friend bool operator==(const Shared&, const Shared&) = default;
  };
  // Where a peer's call to a shared number leads.
  struct Called {
    std::string name;
    std::string destination;
  };
  // nullopt if peers do not see the number.
  static std::optional<Shared> ViewOf(const store::v1::NumberRecord& record);

  // Both return whether this changes what peers see.
  bool Put(store::InternalNumber number, const store::v1::NumberRecord& record);
  bool Remove(store::InternalNumber number);
  void SetPosition(const DirectoryPosition& position);

  std::optional<Shared> FindShared(store::InternalNumber number) const;
  std::optional<Called> FindCalled(store::InternalNumber number) const;
  // Calls `visit` with the shared numbers after `after` (nullopt: with all of
  // them), in order, until it returns false. Nothing changes meanwhile.
  template <class Visitor>
  void VisitShared(std::optional<store::InternalNumber> after,
                   Visitor visit) const {
    absl::ReaderMutexLock lock(&mutex_);
    auto i = after ? shared_.upper_bound(*after) : shared_.begin();
    while (i != shared_.end() && visit(i->first, i->second)) ++i;
  }
  // Where the account's own calls to the number go; empty if it is unassigned.
  std::optional<std::string> FindOwn(store::InternalNumber number) const;
  std::vector<store::InternalNumber> Numbers() const;  // All, in no order.
  size_t size() const;
  DirectoryPosition position() const;

 private:
  mutable absl::Mutex mutex_;
  absl::btree_map<store::InternalNumber, Shared> shared_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<store::InternalNumber, std::string> own_
      ABSL_GUARDED_BY(mutex_);
  DirectoryPosition position_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
