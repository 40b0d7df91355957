#include "daemon/daemon_service.h"

#include <string>

#include "federation/reason.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using federation::Refusal;

absl::Status BackUp(store::Database& database, const std::string& directory,
                    v1::BackupResponse* response) {
  if (directory.empty() || directory.front() != '/' ||
      directory.size() > 4096) {
    return Refusal(Reason::kRequestInvalid,
                   "name a directory by its absolute path on the daemon's "
                   "machine");
  }
  auto size = database.Backup(directory);
  if (size.ok()) {
    response->set_size_bytes(static_cast<int64_t>(*size));
    return absl::OkStatus();
  }
  if (absl::IsUnavailable(size.status())) {
    return federation::StoreRefusal(size.status());
  }
  return Refusal(Reason::kRequestInvalid, std::string(size.status().message()));
}

}  // namespace

BackupRunner::~BackupRunner() {
  if (thread_.joinable()) thread_.join();
}

void BackupRunner::Run(const v1::BackupRequest* request,
                       v1::BackupResponse* response,
                       grpc::ServerUnaryReactor* reactor) {
  if (is_running_.exchange(true)) {
    reactor->Finish(ToGrpc(Refusal(Reason::kLimitReached,
                                   "another backup is under way; wait for "
                                   "it")));
    return;
  }
  if (thread_.joinable()) thread_.join();  // It has ended.
  thread_ = std::thread([=, this] {
    const absl::Status status =
        BackUp(database_, request->directory(), response);
    is_running_ = false;
    reactor->Finish(ToGrpc(status));
  });
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
