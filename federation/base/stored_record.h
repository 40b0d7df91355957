#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "federation/base/reason.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// The record in what Database::Get() has returned; nullopt if there is none.
// Errors: STORE_UNAVAILABLE, for a damaged record too.
template <class Record>
absl::StatusOr<std::optional<Record>> RecordIn(
    const absl::StatusOr<std::optional<store::Entry>>& entry) {
  if (!entry.ok()) return StoreRefusal(entry.status());
  if (!*entry) return std::nullopt;
  auto record = store::Decode<Record>((*entry)->value);
  if (!record.ok()) return StoreRefusal(record.status());
  return *std::move(record);
}

// The record under `key`; as above.
template <class Record>
absl::StatusOr<std::optional<Record>> ReadRecord(
    const store::Database& database, std::string_view key) {
  return RecordIn<Record>(database.Get(key));
}

}  // namespace interlink::federation
