#include "store/rocksdb/format.h"

#include <utility>

#include "rocksdb/write_batch.h"
#include "store/records.h"
#include "store/rocksdb/errors.h"
#include "store/rocksdb/files.h"
#include "store/rocksdb/stamp.h"

namespace interlink::store {
namespace {

struct Format {
  Revision revision;
  v1::FormatRecord record;
};

absl::StatusOr<Format> ReadFormat(rocksdb::DB& db,
                                  const std::string& directory) {
  std::string bytes;
  const rocksdb::Status status =
      db.Get(rocksdb::ReadOptions(), std::string(kFormatKey), &bytes);
  if (status.IsNotFound()) {
    return Corrupt(directory, "it has data but no format record");
  }
  if (!status.ok()) return ToStatus(status, "cannot read", directory);
  const auto stamped = ParseStamped(directory, bytes);
  if (!stamped.ok()) return stamped.status();
  auto record = Decode<v1::FormatRecord>(stamped->value);
  if (!record.ok() || record->version() == 0) {
    return Corrupt(directory, "its format record does not read back");
  }
  return Format{stamped->revision, *std::move(record)};
}

// Writes what a new store begins with.
absl::Status WriteFormat(rocksdb::DB& db, const std::string& directory) {
  v1::FormatRecord format;
  format.set_version(kFormatVersion);
  rocksdb::WriteBatch batch;
  rocksdb::Status status = batch.Put(kRevisionKey, Stamp(0, {}));
  if (status.ok()) {
    status = batch.Put(std::string(kFormatKey), Stamp(0, Encode(format)));
  }
  if (status.ok()) status = db.Write(Synced(), &batch);
  return ToStatus(status, "cannot write the store in", directory);
}

absl::Status CheckVersion(uint32_t version, const std::string& directory) {
  if (version <= kFormatVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the store in " + directory + " has format " + std::to_string(version) +
      ", and this program reads formats up to " +
      std::to_string(kFormatVersion) +
      ": install the version that wrote it, or restore a backup made before "
      "the upgrade");
}

}  // namespace

absl::StatusOr<Revision> ReadRevision(rocksdb::DB& db,
                                      const std::string& directory) {
  std::string bytes;
  const rocksdb::Status status =
      db.Get(rocksdb::ReadOptions(), kRevisionKey, &bytes);
  if (status.IsNotFound() && db.GetLatestSequenceNumber() == 0) {
    if (auto s = WriteFormat(db, directory); !s.ok()) return s;
    return 0;
  }
  if (status.IsNotFound()) {
    return Corrupt(directory, "it has data but no format record");
  }
  if (!status.ok()) return ToStatus(status, "cannot read", directory);
  const auto format = ReadFormat(db, directory);
  if (!format.ok()) return format.status();
  if (auto s = CheckVersion(format->record.version(), directory); !s.ok()) {
    return s;
  }
  const auto stamped = ParseStamped(directory, bytes);
  if (!stamped.ok()) return stamped.status();
  return stamped->revision;
}

absl::Status MarkAsBackup(rocksdb::DB& db, const std::string& directory) {
  auto format = ReadFormat(db, directory);
  if (!format.ok()) return format.status();
  format->record.set_is_backup(true);
  const rocksdb::Status status =
      db.Put(Synced(), std::string(kFormatKey),
             Stamp(format->revision, Encode(format->record)));
  return ToStatus(status, "cannot mark", directory);
}

absl::StatusOr<bool> IsBackup(rocksdb::DB& db, const std::string& directory) {
  const auto format = ReadFormat(db, directory);
  if (!format.ok()) return format.status();
  return format->record.is_backup();
}

}  // namespace interlink::store
