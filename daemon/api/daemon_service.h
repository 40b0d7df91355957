#pragma once

#include "daemon/api/api_caller.h"
#include "daemon/api/api_streams.h"
#include "daemon/api/backup_runner.h"
#include "daemon/rpc/parsed_service.h"
#include "federation/account.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

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
