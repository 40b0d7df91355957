#pragma once

#include <cstdint>
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
// Threading: any thread.
class CrashEnv : public rocksdb::EnvWrapper {
 public:
  CrashEnv();
  ~CrashEnv() override;

  void Crash();
  void Restart();
  // The disk now answers that it has synced, and has not.
  void LieAboutSyncs();

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

  rocksdb::Status CheckPower() const;
  void Synced(const std::string& name, uint64_t size);
  void SyncedNamesIn(const std::string& directory);

  mutable absl::Mutex mutex_;
  bool crashed_ ABSL_GUARDED_BY(mutex_) = false;
  bool lies_ ABSL_GUARDED_BY(mutex_) = false;
  // Files written since the last restart.
  std::map<std::string, State> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::testing
