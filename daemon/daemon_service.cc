#include "daemon/daemon_service.h"

#include <string>

#include "federation/reason.h"

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
                       v1::BackupResponse* response,
                       grpc::ServerUnaryReactor* reactor) {
  const std::string directory = request->directory();
  absl::Status refusal = CheckDirectory(directory);
  if (!unfinished().empty()) {
    refusal = Refusal(Reason::kLimitReached,
                      "another backup is under way; wait for it");
  }
  if (!refusal.ok()) {
    reactor->Finish(ToGrpc(refusal));
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    unfinished_ = directory;
    waiting_ = {response, reactor};
  }
  if (thread_.joinable()) thread_.join();  // It has ended.
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
  waiting_->reactor->Finish(ToGrpc(RefusalOf(size.status())));
  waiting_.reset();
}

void BackupRunner::Abandon() {
  absl::MutexLock lock(&mutex_);
  if (!waiting_) return;
  waiting_->reactor->Finish(ToGrpc(absl::UnavailableError(
      "the daemon is stopping, and the backup is not complete")));
  waiting_.reset();
}

std::string BackupRunner::unfinished() const {
  absl::MutexLock lock(&mutex_);
  return unfinished_;
}

grpc::ServerUnaryReactor* DaemonService::GetAccount(
    grpc::CallbackServerContext* context, const v1::GetAccountRequest*,
    v1::GetAccountResponse* response) {
  return AnswerOnLoop(loop_, caller_, context,
                      "interlink.v1.DaemonService/GetAccount", [=, this] {
                        *response = account_.Describe();
                        response->set_version(INTERLINK_VERSION);
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* DaemonService::Backup(
    grpc::CallbackServerContext* context, const v1::BackupRequest* request,
    v1::BackupResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto status = caller_.Check(*context, "interlink.v1.DaemonService/Backup");
  if (!status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  loop_.Post([=, this] { backups_.Run(request, response, reactor); });
  return reactor;
}

grpc::ServerUnaryReactor* DaemonService::ListEvents(
    grpc::CallbackServerContext* context, const v1::ListEventsRequest* request,
    v1::ListEventsResponse* response) {
  return AnswerOnLoop(
      loop_, caller_, context, "interlink.v1.DaemonService/ListEvents",
      [=, this] { return Fill(account_.events().List(*request), response); });
}

}  // namespace interlink::daemon
