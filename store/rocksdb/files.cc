#include "store/rocksdb/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "store/records.h"
#include "store/rocksdb/lock.h"

namespace interlink::store {
namespace {

constexpr size_t kRevisionBytes = 8;

// RocksDB's own log would be a file beside the data. Debian's build keeps
// assertions, and one of them ends the process at the second line that does not
// fit on a full disk. What an administrator has to know is in the statuses.
class NoLog : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Few threads, small buffers: a store is some megabytes, and the rules keep
// what they need in memory anyway.
rocksdb::Options FrugalOptions(rocksdb::Env* env) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(1 << 20, /*num_shard_bits=*/0);
  table.cache_index_and_filter_blocks = true;  // So the cache bounds them too.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::Options options;
  options.env = env;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = 2 << 20;
  options.max_write_buffer_number = 2;
  options.allow_concurrent_memtable_write = false;  // There is one writer.
  options.enable_write_thread_adaptive_yield = false;
  options.max_background_jobs = 2;  // One to flush, one to compact.
  options.max_open_files = 64;
  options.compression = rocksdb::kNoCompression;
  options.max_manifest_file_size = 1 << 20;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = std::make_shared<NoLog>();

  options.paranoid_checks = true;
  // A commit is answered after its WAL record is synced. So an incomplete
  // record at the end of the WAL was never answered, and may go; anything else
  // that does not read back was, and must stop us. kPointInTimeRecovery would
  // drop all from the first bad record on and say nothing;
  // kAbsoluteConsistency would refuse to start after a power cut.
  options.wal_recovery_mode =
      rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // A synced WAL that is missing is noticed, too.
  options.track_and_verify_wals_in_manifest = true;
  // After a failed write we do not know what the disk holds: no silent retries.
  options.max_bgerror_resume_count = 0;
  return options;
}

// RocksDB takes some files that it may not read for missing or damaged ones.
absl::Status CheckReadable(const std::string& directory,
                           const std::vector<std::string>& names,
                           rocksdb::Env* env) {
  if (env != rocksdb::Env::Default()) return absl::OkStatus();
  for (const std::string& name : names) {
    const std::string path = directory + "/" + name;
    if (!IsStoreFile(name) || access(path.c_str(), R_OK) == 0) continue;
    const int error = errno;
    return Unavailable("cannot read " + path + ": " + std::strerror(error) +
                       "; all files of the store must be the daemon's user's");
  }
  return absl::OkStatus();
}

// Files whose loss RocksDB would not report. Without CURRENT it begins a new
// store, at the second attempt if not at the first, and sweeps out the data
// files that this one does not know; without the last write-ahead log it goes
// on as if what it held had never been. A creation that was cut short has no
// data, no log, and at most a CURRENT that names MANIFEST-000001.
absl::Status CheckComplete(const std::string& directory, rocksdb::Env* env) {
  std::vector<std::string> names;
  const rocksdb::Status listed = env->GetChildren(directory, &names);
  if (!listed.ok()) return ToStatus(listed, "cannot list", directory);
  bool has_data = false;
  bool has_log = false;
  for (const std::string_view name : names) {
    has_data |= name.ends_with(".sst");
    has_log |= name.ends_with(".log");
    if (name == kRestorePartial) {
      return absl::FailedPreconditionError(
          "a restore into " + directory +
          " was cut short: run it again, interlinkd restore");
    }
  }
  if (auto s = CheckReadable(directory, names, env); !s.ok()) return s;
  const std::string current = directory + "/CURRENT";
  const auto has_current = Exists(current, env);
  if (!has_current.ok()) return has_current.status();
  if (!*has_current) {
    if (!has_data && !has_log) return absl::OkStatus();
    return Corrupt(directory, "its file CURRENT is missing");
  }
  std::string manifest;
  const rocksdb::Status read =
      rocksdb::ReadFileToString(env, current, &manifest);
  if (!read.ok()) return ToStatus(read, "cannot read", current);
  if (has_log || manifest == "MANIFEST-000001\n") return absl::OkStatus();
  return Corrupt(directory,
                 "its last .log file, the latest changes, is missing");
}

absl::Status OpenError(const rocksdb::Status& status,
                       const std::string& directory, rocksdb::Env* env) {
  if (auto locked = ExplainLock(status, directory, env)) return *locked;
  if (status.IsNotSupported() || status.IsInvalidArgument()) {
    return absl::FailedPreconditionError(
        "the store in " + directory +
        " was not written by this program, or by a later version of it (" +
        status.ToString() +
        "): name another directory, or install the version that wrote it");
  }
  if (status.IsPathNotFound()) {
    return Corrupt(directory, "a file is missing: " + status.ToString());
  }
  return ToStatus(status, "cannot open the store in", directory);
}

struct Format {
  Revision revision;
  v1::FormatRecord record;
};
absl::StatusOr<Format> ReadFormat(rocksdb::DB& db,
                                  const std::string& directory) {
  std::string bytes;
  const rocksdb::Status status =
      db.Get(rocksdb::ReadOptions(), std::string(kFormatKey), &bytes);
  if (!status.ok()) return ToStatus(status, "cannot read", directory);
  const auto stamped = ParseStamped(directory, bytes);
  if (!stamped.ok()) return stamped.status();
  auto record = Decode<v1::FormatRecord>(stamped->value);
  if (!record.ok()) return Corrupt(directory, record.status().ToString());
  return Format{stamped->revision, *std::move(record)};
}

}  // namespace

std::string Stamp(Revision revision, std::string_view value) {
  std::string bytes;
  bytes.reserve(kRevisionBytes + value.size());
  for (size_t i = kRevisionBytes; i > 0; --i) {
    bytes += static_cast<char>(revision >> 8 * (i - 1) & 0xff);
  }
  return bytes += value;
}

absl::StatusOr<Stamped> ParseStamped(const std::string& directory,
                                     std::string_view bytes) {
  if (bytes.size() < kRevisionBytes) {
    return Corrupt(directory, "a value lacks its revision");
  }
  Stamped stamped{0, bytes.substr(kRevisionBytes)};
  for (char byte : bytes.substr(0, kRevisionBytes)) {
    stamped.revision = stamped.revision << 8 | static_cast<uint8_t>(byte);
  }
  return stamped;
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenFiles(
    const std::string& directory, rocksdb::Env* env, OpenMode mode) {
  rocksdb::Options options = FrugalOptions(env);
  if (mode == OpenMode::kStore) {
    options.create_if_missing = true;
    if (auto s = CheckComplete(directory, env); !s.ok()) return s;
  }
  rocksdb::DB* raw = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, directory, &raw);
  std::unique_ptr<rocksdb::DB> db(raw);
  if (!status.ok()) return OpenError(status, directory, env);
  // RocksDB checks a block when it first reads it, perhaps weeks from now; a
  // corrupt store shall not start at all.
  status = db->VerifyChecksum();
  if (!status.ok()) return OpenError(status, directory, env);
  return db;
}

absl::Status CheckWritable(const std::string& directory, rocksdb::Env* env) {
  // To open a store writes its latest changes anew; this is more than they are.
  constexpr size_t kProbeBytes = 4 * 1024 * 1024;
  const std::string probe = directory + "/probe.tmp";
  const rocksdb::Status status = rocksdb::WriteStringToFile(
      env, std::string(kProbeBytes, '\0'), probe, /*should_sync=*/true);
  env->DeleteFile(probe).PermitUncheckedError();
  return ToStatus(status, "cannot write", probe);
}

rocksdb::WriteOptions Synced() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

absl::StatusOr<bool> Exists(const std::string& path, rocksdb::Env* env) {
  if (env != rocksdb::Env::Default()) {
    const rocksdb::Status found = env->FileExists(path);
    if (found.ok() || found.IsNotFound()) return found.ok();
    return ToStatus(found, "cannot look at", path);
  }
  // Env::FileExists() also says no where it may not look.
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return Unavailable("cannot look at " + path + ": " + std::strerror(errno));
}

bool IsStoreFile(std::string_view name) {
  return name == "CURRENT" || name.starts_with("MANIFEST-") ||
         name.starts_with("OPTIONS-") || name == "IDENTITY" ||
         name.ends_with(".sst") || name.ends_with(".log");
}

absl::Status MakeDirectory(const std::string& directory, rocksdb::Env* env) {
  if (env != rocksdb::Env::Default()) {
    if (env->FileExists(directory).ok()) return absl::OkStatus();
    const rocksdb::Status made = env->CreateDir(directory);
    if (!made.ok()) return ToStatus(made, "cannot make", directory);
  } else if (mkdir(directory.c_str(), 0700) != 0) {  // Env would make it 0755.
    const int error = errno;
    struct stat found {};
    if (error == EEXIST && stat(directory.c_str(), &found) == 0 &&
        S_ISDIR(found.st_mode)) {
      return absl::OkStatus();
    }
    return ToStatus(
        rocksdb::Status::IOError(directory, rocksdb::Slice(strerror(error))),
        "cannot make", directory);
  }
  return SyncDirectory(ParentOf(directory), env);
}

absl::Status SyncDirectory(const std::string& directory, rocksdb::Env* env) {
  std::unique_ptr<rocksdb::Directory> opened;
  rocksdb::Status status = env->NewDirectory(directory, &opened);
  if (status.ok()) status = opened->Fsync();
  return ToStatus(status, "cannot sync", directory);
}

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void RemoveTree(const std::string& path, rocksdb::Env* env) {
  std::vector<std::string> names;  // None of a file.
  env->GetChildren(path, &names).PermitUncheckedError();
  for (const std::string& name : names) RemoveTree(path + "/" + name, env);
  if (!env->DeleteDir(path).ok()) env->DeleteFile(path).PermitUncheckedError();
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

absl::Status ToStatus(const rocksdb::Status& status, std::string_view doing,
                      const std::string& path) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) return Corrupt(path, status.ToString());
  return Unavailable(std::string(doing) + " " + path + ": " +
                     status.ToString() +
                     "; check the disk, its space and its permissions");
}

absl::Status Corrupt(const std::string& directory, std::string_view detail) {
  return absl::DataLossError(
      "the store in " + directory + " is corrupt (" + std::string(detail) +
      "); nothing has been deleted: move it away and restore a backup");
}

absl::Status Unavailable(std::string_view sentence) {
  return absl::UnavailableError("STORE_UNAVAILABLE: " + std::string(sentence));
}

}  // namespace interlink::store
