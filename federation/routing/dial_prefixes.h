#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/ledger/row.h"
#include "store/ids.h"
#include "store/internal_number.h"

namespace interlink::federation {

// The digits before a number by which one link alone is asked for it (design.md
// section 9), so that a number that several accounts have can be dialled at
// each of them.
//
// Threading: thread-safe.
class DialPrefixes {
 public:
  // What is asked of whom: what was dialled of all links, or, if that has the
  // prefix of a link, the rest of it of that link alone.
  struct Target {
    store::InternalNumber number;
    std::optional<store::InterlinkId> only;
    std::string prefix;  // That was dialled before `number`.
  };

  // The row has changed; nullptr: it is gone.
  void Set(store::InterlinkId id, const Row* row);

  // Of several prefixes that `dialled` begins with, and has digits after, the
  // longest counts.
  Target TargetOf(store::InternalNumber dialled) const;

 private:
  mutable absl::Mutex mutex_;
  // By prefix.
  std::map<std::string, store::InterlinkId, std::less<>> links_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
