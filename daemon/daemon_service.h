#pragma once

#include <atomic>
#include <thread>

#include "daemon/api_caller.h"
#include "federation/account.h"
#include "interlink/v1/interlink.grpc.pb.h"
#include "store/database.h"

namespace interlink::daemon {

// Runs one backup at a time on a thread of its own, so that a large one holds
// up nobody.
//
// Threading: thread-safe, but for its destruction, which waits for a backup
// under way.
class BackupRunner {
 public:
  explicit BackupRunner(store::Database& database) : database_(database) {}
  ~BackupRunner();

  // Finishes `reactor` when the copy is complete.
  void Run(const v1::BackupRequest* request, v1::BackupResponse* response,
           grpc::ServerUnaryReactor* reactor);

 private:
  store::Database& database_;
  std::atomic<bool> is_running_{false};
  std::thread thread_;
};

// The daemon itself: who it is, its backup, what happened.
//
// Threading: thread-safe. Lifetime: what it is given must outlive it, and the
// loop has to run until its server is shut down.
class DaemonService final : public v1::DaemonService::CallbackService {
 public:
  DaemonService(federation::EventLoop& loop, federation::Account& account,
                BackupRunner& backups, ApiCaller caller)
      : loop_(loop), account_(account), backups_(backups), caller_(caller) {}

  grpc::ServerUnaryReactor* GetAccount(
      grpc::CallbackServerContext* context,
      const v1::GetAccountRequest* request,
      v1::GetAccountResponse* response) override;
  grpc::ServerUnaryReactor* Backup(grpc::CallbackServerContext* context,
                                   const v1::BackupRequest* request,
                                   v1::BackupResponse* response) override;
  grpc::ServerUnaryReactor* ListEvents(
      grpc::CallbackServerContext* context,
      const v1::ListEventsRequest* request,
      v1::ListEventsResponse* response) override;

 private:
  federation::EventLoop& loop_;
  federation::Account& account_;
  BackupRunner& backups_;
  const ApiCaller caller_;
};

}  // namespace interlink::daemon
