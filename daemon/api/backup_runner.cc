#include "daemon/api/backup_runner.h"

#include "daemon/rpc/grpc_status.h"
#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using federation::Refusal;

absl::Status CheckDirectory(const std::string& directory) {
  if (directory.empty() || directory.front() != '/' ||
      directory.size() > 4096) {
    return Refusal(Reason::kRequestInvalid,
                   "name a directory by its absolute path on the daemon's "
                   "machine");
  }
  return absl::OkStatus();
}

absl::Status RefusalOf(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::IsUnavailable(status)
             ? federation::StoreRefusal(status)
             : Refusal(Reason::kRequestInvalid, std::string(status.message()));
}

}  // namespace

BackupRunner::~BackupRunner() {
  if (thread_.joinable()) thread_.join();
}

void BackupRunner::Run(const v1::BackupRequest* request,
                       v1::BackupResponse* response, UnaryCall call) {
  std::string directory = request->directory();
  // Shells complete names with a slash. "DIRECTORY/.partial" would lie within
  // the backup.
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  absl::Status refusal = CheckDirectory(directory);
  if (!unfinished().empty()) {
    refusal = Refusal(Reason::kLimitReached,
                      "another backup is under way; wait for it");
  }
  if (!refusal.ok()) {
    call.Finish(ToGrpc(refusal));
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    unfinished_ = directory;
    waiting_ = {response, call};
  }
  if (thread_.joinable()) thread_.join();  // It has ended already.
  thread_ =
      std::thread([this, directory] { Finish(database_.Backup(directory)); });
}

void BackupRunner::Finish(absl::StatusOr<uint64_t> size) {
  absl::MutexLock lock(&mutex_);
  unfinished_.clear();
  if (!waiting_) return;
  if (size.ok()) {
    waiting_->response->set_size_bytes(static_cast<int64_t>(*size));
  }
  waiting_->call.Finish(ToGrpc(RefusalOf(size.status())));
  waiting_.reset();
}

void BackupRunner::Abandon() {
  absl::MutexLock lock(&mutex_);
  if (!waiting_) return;
  waiting_->call.Finish(ToGrpc(Refusal(
      Reason::kStoreUnavailable,
      "the daemon is stopping, and the backup is not complete; make another")));
  waiting_.reset();
}

std::string BackupRunner::unfinished() const {
  absl::MutexLock lock(&mutex_);
  return unfinished_;
}

}  // namespace interlink::daemon
