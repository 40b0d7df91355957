#pragma once

#include "daemon/api/api_service.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

// The rows of the Interlinks page, for the administrator. Translates only:
// every decision is the account's.
class InterlinkService final : public ApiService<v1::InterlinkService> {
 public:
  InterlinkService(const ApiBackend& backend, const ApiCaller& caller)
      : ApiService(backend, caller) {
    Serve(&InterlinkService::GenerateKey);
    Serve(&InterlinkService::ShowKey);
    Serve(&InterlinkService::LinkAccount);
    Serve(&InterlinkService::GetInterlink);
    Serve(&InterlinkService::ListInterlinks);
    Serve(&InterlinkService::UpdateInterlink);
    Serve(&InterlinkService::DeleteInterlink);
    Serve(&InterlinkService::WatchInterlinks);
  }

  UnaryReactor* GenerateKey(CallContext*, const v1::GenerateKeyRequest*,
                            v1::GenerateKeyResponse*) override;
  UnaryReactor* ShowKey(CallContext*, const v1::ShowKeyRequest*,
                        v1::ShowKeyResponse*) override;
  UnaryReactor* LinkAccount(CallContext*, const v1::LinkAccountRequest*,
                            v1::LinkAccountResponse*) override;
  UnaryReactor* GetInterlink(CallContext*, const v1::GetInterlinkRequest*,
                             v1::GetInterlinkResponse*) override;
  UnaryReactor* ListInterlinks(CallContext*, const v1::ListInterlinksRequest*,
                               v1::ListInterlinksResponse*) override;
  UnaryReactor* UpdateInterlink(CallContext*, const v1::UpdateInterlinkRequest*,
                                v1::UpdateInterlinkResponse*) override;
  UnaryReactor* DeleteInterlink(CallContext*, const v1::DeleteInterlinkRequest*,
                                v1::DeleteInterlinkResponse*) override;
  grpc::ServerWriteReactor<v1::WatchInterlinksResponse>* WatchInterlinks(
      CallContext*, const v1::WatchInterlinksRequest*) override;
};

}  // namespace interlink::daemon
