#pragma once

#include "daemon/api/api_service.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

// The daemon itself: who it is, its backup, what happened.
class DaemonService final : public ApiService<v1::DaemonService> {
 public:
  DaemonService(const ApiBackend& backend, const ApiCaller& caller)
      : ApiService(backend, caller) {
    Serve(&DaemonService::GetAccount);
    Serve(&DaemonService::Backup);
    Serve(&DaemonService::ListEvents);
    Serve(&DaemonService::WatchEvents);
  }

  UnaryReactor* GetAccount(CallContext*, const v1::GetAccountRequest*,
                           v1::GetAccountResponse*) override;
  UnaryReactor* Backup(CallContext*, const v1::BackupRequest*,
                       v1::BackupResponse*) override;
  UnaryReactor* ListEvents(CallContext*, const v1::ListEventsRequest*,
                           v1::ListEventsResponse*) override;
  grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
      CallContext*, const v1::WatchEventsRequest*) override;
};

}  // namespace interlink::daemon
