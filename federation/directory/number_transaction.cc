#include "federation/directory/number_transaction.h"

#include <string>
#include <utility>

#include "federation/base/reason.h"
#include "federation/base/stored_record.h"

namespace interlink::federation {

absl::StatusOr<std::optional<StoredNumber>> ReadNumber(
    const store::Database& database, store::InternalNumber number) {
  const auto entry = database.Get(store::NumberKey(number));
  auto record = RecordIn<store::v1::NumberRecord>(entry);
  if (!record.ok()) return record.status();
  if (!*record) return std::nullopt;
  return StoredNumber{**std::move(record), (*entry)->revision};
}

void NumberTransaction::Put(store::InternalNumber number,
                            const store::v1::NumberRecord& record) {
  Move(number, Directory::ViewOf(record));
  ops_.push_back(
      store::Op::Put(store::NumberKey(number), store::Encode(record)));
}

void NumberTransaction::Delete(store::InternalNumber number) {
  Move(number, std::nullopt);
  ops_.push_back(store::Op::Delete(store::NumberKey(number)));
}

void NumberTransaction::Move(store::InternalNumber number,
                             const std::optional<Directory::Shared>& after) {
  const auto before = directory_.FindShared(number);
  if (before == after) return;
  ++position_.sequence;
  if (before) {
    position_.digest -= EntryDigest(number, before->name, before->contact);
    --position_.count;
  }
  if (after) {
    position_.digest += EntryDigest(number, after->name, after->contact);
    ++position_.count;
  }
}

absl::Status NumberTransaction::Commit() {
  ledger_.events().Append(told_, ops_);
  if (position_ != directory_.position()) {
    ops_.push_back(store::Op::Put(std::string(store::kDirectoryKey),
                                  store::Encode(ToRecord(position_))));
  }
  auto revision = ledger_.database().Commit(preconditions_, ops_);
  return revision.ok() ? absl::OkStatus() : StoreRefusal(revision.status());
}

}  // namespace interlink::federation
