#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/env.h"

namespace interlink::testing {

// A disk in memory that can lose power: bytes that were not synced are then
// gone, and so are files, and renames, whose directory was not synced.
//
//   CrashEnv env;  open a database on it, write
//   env.Crash();   from now on every write fails; close the database
//   env.Restart(); what was not synced is gone; open the database again
//
// With a seed, a part of what was not synced may be left, as of a torn write.
// Threading: any thread.
class CrashEnv : public rocksdb::EnvWrapper {
 public:
  explicit CrashEnv(std::optional<uint64_t> seed = std::nullopt);
  ~CrashEnv() override;

  void Crash();
  void Restart();
  // The disk now answers that it has synced, and has not.
  void LieAboutSyncs();
  // The next sync of a write-ahead log is answered with an error, and then all
  // writes are, until Restart(): either nothing was synced by it, or all, and
  // only the answer is lost.
  enum class Failure { kNothingSynced, kAllSynced };
  void FailNextSync(Failure failure);
  // Whether that has come about.
  bool has_failed() const;
  // From now on a sync of a write-ahead log takes until the test lets it end:
  // those that have begun, or all.
  void HoldSyncs();
  void LetBegunSyncsEnd();
  void LetSyncsEnd();
  // Syncs of write-ahead logs that have begun.
  int log_syncs() const;

  // How long a sync takes, for a writer under virtual time; nullptr: no time.
  std::function<std::chrono::nanoseconds()> sync_takes;

  // The files of one directory, as they are, and synced.
  void CopyDirectory(const std::string& from, const std::string& to);
  void RemoveDirectory(const std::string& path);

  rocksdb::Status NewWritableFile(const std::string& name,
                                  std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewDirectory(
      const std::string& name,
      std::unique_ptr<rocksdb::Directory>* directory) override;
  rocksdb::Status DeleteFile(const std::string& name) override;
  rocksdb::Status RenameFile(const std::string& from,
                             const std::string& to) override;

 private:
  class File;
  class Directory;
  struct State {
    uint64_t synced = 0;                // So many bytes survive,
    bool named = false;                 // if the name does; else what was
    std::optional<std::string> before;  // under the name before comes back.
  };

  void BeginLogSync();
  rocksdb::Status CheckPower() const;
  rocksdb::Status Synced(const std::string& name, uint64_t size);
  // How many of `size` bytes are left; depends on the seed, the file and how
  // often power was cut.
  uint64_t Left(const std::string& name, uint64_t size) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SyncedNamesIn(const std::string& directory);

  const std::optional<uint64_t> seed_;
  mutable absl::Mutex mutex_;
  uint64_t restarts_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<Failure> next_failure_ ABSL_GUARDED_BY(mutex_);
  bool has_failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool crashed_ ABSL_GUARDED_BY(mutex_) = false;
  bool lies_ ABSL_GUARDED_BY(mutex_) = false;
  bool holds_syncs_ ABSL_GUARDED_BY(mutex_) = false;
  int let_end_ ABSL_GUARDED_BY(mutex_) = 0;  // So many are not held.
  int log_syncs_ ABSL_GUARDED_BY(mutex_) = 0;
  // Files written since the last restart.
  std::map<std::string, State> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::testing
