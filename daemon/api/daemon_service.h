#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/api/api_caller.h"
#include "daemon/api/api_streams.h"
#include "daemon/rpc/parsed_service.h"
#include "federation/account.h"
#include "interlink/v1/interlink.grpc.pb.h"
#include "store/database.h"

namespace interlink::daemon {

// Runs one backup at a time on a thread of its own, so that a large one holds
// up nobody.
//
// Threading: loop only, or when the loop has ended; the destructor waits for a
// backup under way.
class BackupRunner {
 public:
  explicit BackupRunner(store::Database& database) : database_(database) {}
  ~BackupRunner();

  // Finishes `reactor` when the copy is complete.
  void Run(const v1::BackupRequest* request, v1::BackupResponse* response,
           grpc::ServerUnaryReactor* reactor);

  // Tells whoever waits for a backup that the daemon is stopping. The copy
  // itself cannot be called off.
  void Abandon();

  // Where a copy is being made; empty if there is none.
  std::string unfinished() const;

 private:
  struct Waiting {
    v1::BackupResponse* response;
    grpc::ServerUnaryReactor* reactor;
  };

  void Finish(absl::StatusOr<uint64_t> size);

  store::Database& database_;
  mutable absl::Mutex mutex_;
  std::string unfinished_ ABSL_GUARDED_BY(mutex_);
  std::optional<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// The daemon itself: who it is, its backup, what happened.
//
// Threading: thread-safe. Lifetime: what it is given must outlive it, and the
// loop has to run until its server is shut down.
class DaemonService final
    : public ParsedService<v1::DaemonService::CallbackService> {
 public:
  DaemonService(federation::EventLoop& loop, federation::Account& account,
                BackupRunner& backups, ApiStreams& streams, ApiCaller caller)
      : loop_(loop),
        account_(account),
        backups_(backups),
        streams_(streams),
        caller_(caller) {
    Serve(&DaemonService::GetAccount);
    Serve(&DaemonService::Backup);
    Serve(&DaemonService::ListEvents);
    Serve(&DaemonService::WatchEvents);
  }

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
  grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context,
      const v1::WatchEventsRequest* request) override;

 private:
  federation::EventLoop& loop_;
  federation::Account& account_;
  BackupRunner& backups_;
  ApiStreams& streams_;
  const ApiCaller caller_;
};

}  // namespace interlink::daemon
