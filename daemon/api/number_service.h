#pragma once

#include "daemon/api/api_service.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

// The internal numbers of this account, for the administrator. Translates only,
// as InterlinkService does.
class NumberService final : public ApiService<v1::NumberService> {
 public:
  static constexpr int kMaxEntriesInChunk = 1000;

  NumberService(const ApiBackend& backend, const ApiCaller& caller)
      : ApiService(backend, caller) {
    Serve(&NumberService::CreateNumber);
    Serve(&NumberService::GetNumber);
    Serve(&NumberService::ListNumbers);
    Serve(&NumberService::UpdateNumber);
    Serve(&NumberService::DeleteNumber);
    Serve(&NumberService::WatchNumbers);
    Serve(&NumberService::ListReachableNumbers);
    ServeBytes<v1::ImportNumbersRequest>(&NumberService::Import);
  }

  grpc::ServerUnaryReactor* CreateNumber(
      grpc::CallbackServerContext* context,
      const v1::CreateNumberRequest* request,
      v1::CreateNumberResponse* response) override;
  grpc::ServerUnaryReactor* GetNumber(grpc::CallbackServerContext* context,
                                      const v1::GetNumberRequest* request,
                                      v1::GetNumberResponse* response) override;
  grpc::ServerUnaryReactor* ListNumbers(
      grpc::CallbackServerContext* context,
      const v1::ListNumbersRequest* request,
      v1::ListNumbersResponse* response) override;
  grpc::ServerUnaryReactor* UpdateNumber(
      grpc::CallbackServerContext* context,
      const v1::UpdateNumberRequest* request,
      v1::UpdateNumberResponse* response) override;
  grpc::ServerUnaryReactor* DeleteNumber(
      grpc::CallbackServerContext* context,
      const v1::DeleteNumberRequest* request,
      v1::DeleteNumberResponse* response) override;
  // ImportNumbers.
  grpc::ServerReadReactor<grpc::ByteBuffer>* Import(
      grpc::CallbackServerContext* context,
      v1::ImportNumbersResponse* response);
  grpc::ServerWriteReactor<v1::WatchNumbersResponse>* WatchNumbers(
      grpc::CallbackServerContext* context,
      const v1::WatchNumbersRequest* request) override;
  grpc::ServerUnaryReactor* ListReachableNumbers(
      grpc::CallbackServerContext* context,
      const v1::ListReachableNumbersRequest* request,
      v1::ListReachableNumbersResponse* response) override;
};

}  // namespace interlink::daemon
