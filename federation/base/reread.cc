#include "federation/base/reread.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "federation/base/reason.h"

namespace interlink::federation {

absl::StatusOr<std::vector<store::Change>> Reread(
    const store::Database& database, std::string_view prefix,
    std::set<std::string> known) {
  auto entries = database.Scan(prefix);
  if (!entries.ok()) return StoreRefusal(entries.status());
  std::vector<store::Change> changes;
  for (store::Entry& entry : *entries) {
    known.erase(entry.key);
    changes.push_back(
        {std::move(entry.key), std::move(entry.value), entry.revision});
  }
  for (const std::string& gone : known) changes.push_back({gone, std::nullopt});
  return changes;
}

void CheckReread(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "the store was opened anew and cannot be read: %s\n",
               status.ToString().c_str());
  std::abort();
}

}  // namespace interlink::federation
