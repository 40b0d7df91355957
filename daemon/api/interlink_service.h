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

  grpc::ServerUnaryReactor* GenerateKey(
      grpc::CallbackServerContext* context,
      const v1::GenerateKeyRequest* request,
      v1::GenerateKeyResponse* response) override;
  grpc::ServerUnaryReactor* ShowKey(grpc::CallbackServerContext* context,
                                    const v1::ShowKeyRequest* request,
                                    v1::ShowKeyResponse* response) override;
  grpc::ServerUnaryReactor* LinkAccount(
      grpc::CallbackServerContext* context,
      const v1::LinkAccountRequest* request,
      v1::LinkAccountResponse* response) override;
  grpc::ServerUnaryReactor* GetInterlink(
      grpc::CallbackServerContext* context,
      const v1::GetInterlinkRequest* request,
      v1::GetInterlinkResponse* response) override;
  grpc::ServerUnaryReactor* ListInterlinks(
      grpc::CallbackServerContext* context,
      const v1::ListInterlinksRequest* request,
      v1::ListInterlinksResponse* response) override;
  grpc::ServerUnaryReactor* UpdateInterlink(
      grpc::CallbackServerContext* context,
      const v1::UpdateInterlinkRequest* request,
      v1::UpdateInterlinkResponse* response) override;
  grpc::ServerUnaryReactor* DeleteInterlink(
      grpc::CallbackServerContext* context,
      const v1::DeleteInterlinkRequest* request,
      v1::DeleteInterlinkResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchInterlinksResponse>* WatchInterlinks(
      grpc::CallbackServerContext* context,
      const v1::WatchInterlinksRequest* request) override;
};

}  // namespace interlink::daemon
