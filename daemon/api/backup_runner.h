#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/rpc/rpc_counts.h"
#include "interlink/v1/interlink.pb.h"
#include "store/database.h"

namespace interlink::daemon {

// Runs one backup at a time, on a thread of its own, so that nothing waits for
// a large one.
//
// Threading: loop only, or after its end. The destructor waits for a backup
// under way.
class BackupRunner {
 public:
  explicit BackupRunner(store::Database& database) : database_(database) {}
  ~BackupRunner();

  // Finishes `call` when the copy is complete.
  void Run(const v1::BackupRequest* request, v1::BackupResponse* response,
           UnaryCall call);

  // Answers the caller who waits for a backup, because the daemon is stopping.
  // The copy itself cannot be called off.
  void Abandon();

  // The directory in which a copy is being made; empty if there is none.
  std::string unfinished() const;

 private:
  struct Waiting {
    v1::BackupResponse* response;
    UnaryCall call;
  };

  void Finish(absl::StatusOr<uint64_t> size);

  store::Database& database_;
  mutable absl::Mutex mutex_;
  std::string unfinished_ ABSL_GUARDED_BY(mutex_);
  std::optional<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace interlink::daemon
