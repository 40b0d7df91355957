#include "federation/directory/number_transaction.h"

#include <string>

#include "federation/base/reason.h"
#include "federation/base/stored_record.h"

namespace interlink::federation {

absl::StatusOr<std::optional<store::v1::NumberRecord>> NumberIn(
    const absl::StatusOr<std::optional<store::Entry>>& entry) {
  return RecordIn<store::v1::NumberRecord>(entry);
}

void NumberTransaction::Put(
    store::InternalNumber number,
    const std::optional<store::v1::NumberRecord>& before,
    const store::v1::NumberRecord& record) {
  Move(number, before ? Directory::ViewOf(*before) : std::nullopt,
       Directory::ViewOf(record));
  changes_.ops.push_back(
      store::Op::Put(store::NumberKey(number), store::Encode(record)));
}

void NumberTransaction::Delete(store::InternalNumber number,
                               const store::v1::NumberRecord& before) {
  Move(number, Directory::ViewOf(before), std::nullopt);
  changes_.ops.push_back(store::Op::Delete(store::NumberKey(number)));
}

void NumberTransaction::Move(store::InternalNumber number,
                             const std::optional<Directory::Shared>& before,
                             const std::optional<Directory::Shared>& after) {
  if (before == after) return;
  ++moved_.sequence;
  if (before) {
    moved_.digest -= EntryDigest(number, before->name, before->contact);
    --moved_.count;
  }
  if (after) {
    moved_.digest += EntryDigest(number, after->name, after->contact);
    ++moved_.count;
  }
}

absl::StatusOr<Changes> NumberTransaction::Finish() {
  if (moved_.sequence == 0) return std::move(changes_);
  const auto stored =
      RecordIn<store::v1::DirectoryRecord>(draft_.Get(store::kDirectoryKey));
  if (!stored.ok()) return stored.status();
  // There is none if an older version wrote the store.
  DirectoryPosition position = (*stored ? FromRecord(**stored) : std::nullopt)
                                   .value_or(directory_.position());
  position.sequence += moved_.sequence;
  position.digest += moved_.digest;
  position.count += moved_.count;
  changes_.ops.push_back(store::Op::Put(std::string(store::kDirectoryKey),
                                        store::Encode(ToRecord(position))));
  return std::move(changes_);
}

}  // namespace interlink::federation
