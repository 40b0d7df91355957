#include "store/rocksdb/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <vector>

#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/errors.h"
#include "store/rocksdb/lock.h"

namespace interlink::store {
namespace {

// Replaces RocksDB's own log, a file beside the data. Debian's build keeps
// assertions, and one of them ends the process at the second line that does not
// fit on a full disk. The statuses say what an administrator has to know.
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
  // record at the end of the WAL was never answered and may be dropped; any
  // other damage must stop us. kPointInTimeRecovery would silently drop
  // everything from the first bad record on; kAbsoluteConsistency would refuse
  // to start after a power cut.
  options.wal_recovery_mode =
      rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Notice a missing WAL, too, once it was synced.
  options.track_and_verify_wals_in_manifest = true;
  // After a failed write we do not know what the disk holds: no silent retries.
  options.max_bgerror_resume_count = 0;
  return options;
}

// RocksDB takes some files that it has no right to read for missing or damaged
// ones.
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

// Checks for files whose loss RocksDB would not report. Without CURRENT,
// RocksDB begins a new store, at the second attempt if not at the first, and
// deletes the data files as unknown. Without the last write-ahead log, it goes
// on without the latest commits. A creation that was cut short has no data, no
// log, and at most a CURRENT that names MANIFEST-000001.
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

}  // namespace

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenFiles(
    const std::string& directory, rocksdb::Env* env, OpenMode mode) {
  rocksdb::Options options = FrugalOptions(env);
  if (mode == OpenMode::kStore) {
    options.create_if_missing = true;
    if (auto s = CheckComplete(directory, env); !s.ok()) return s;
  }
  rocksdb::DB* raw = nullptr;
  rocksdb::Status status =
      mode == OpenMode::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(options, directory, &raw)
          : rocksdb::DB::Open(options, directory, &raw);
  std::unique_ptr<rocksdb::DB> db(raw);
  if (!status.ok()) return OpenError(status, directory, env);
  if (mode == OpenMode::kReadOnly) return db;
  // RocksDB checks a block when it first reads it, perhaps weeks from now, and
  // a corrupt store must not start at all.
  status = db->VerifyChecksum();
  if (!status.ok()) return OpenError(status, directory, env);
  return db;
}

rocksdb::WriteOptions Synced() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

bool IsStoreFile(std::string_view name) {
  return name == "CURRENT" || name.starts_with("MANIFEST-") ||
         name.starts_with("OPTIONS-") || name == "IDENTITY" ||
         name.ends_with(".sst") || name.ends_with(".log");
}

}  // namespace interlink::store
