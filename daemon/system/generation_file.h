#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "store/ids.h"

namespace interlink::daemon {

// Notes the account's generation in a file beside its store, so that a store
// put back from an older copy is recognised at the next start (design.md
// section 10, restore safety). Two lines: account=ID, generation=N.
//
// A thread of its own writes the file, so that no answer waits for the disk. If
// many counts come at once, only the newest is written. Threading: Note() from
// any thread.
class GenerationFile {
 public:
  // The count that the file at `path` has for `account`; 0 if there is no file,
  // or it is another account's. Errors: DATA_LOSS if the file is damaged,
  // UNAVAILABLE if it cannot be read.
  static absl::StatusOr<uint64_t> Read(const std::string& path,
                                       store::AccountId account);

  GenerationFile(std::string path, store::AccountId account);
  // Writes the latest count first.
  ~GenerationFile();

  // Returns at once. The file is written and synced later.
  void Note(uint64_t count);

 private:
  void Run();
  absl::Status Write(uint64_t count) const;

  const std::string path_;
  const store::AccountId account_;
  absl::Mutex mutex_;
  uint64_t noted_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t written_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;  // Last: it uses all of the above.
};

}  // namespace interlink::daemon
