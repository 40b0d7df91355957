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

  UnaryReactor* CreateNumber(CallContext*, const v1::CreateNumberRequest*,
                             v1::CreateNumberResponse*) override;
  UnaryReactor* GetNumber(CallContext*, const v1::GetNumberRequest*,
                          v1::GetNumberResponse*) override;
  UnaryReactor* ListNumbers(CallContext*, const v1::ListNumbersRequest*,
                            v1::ListNumbersResponse*) override;
  UnaryReactor* UpdateNumber(CallContext*, const v1::UpdateNumberRequest*,
                             v1::UpdateNumberResponse*) override;
  UnaryReactor* DeleteNumber(CallContext*, const v1::DeleteNumberRequest*,
                             v1::DeleteNumberResponse*) override;
  // ImportNumbers.
  grpc::ServerReadReactor<grpc::ByteBuffer>* Import(CallContext*,
                                                    v1::ImportNumbersResponse*);
  grpc::ServerWriteReactor<v1::WatchNumbersResponse>* WatchNumbers(
      CallContext*, const v1::WatchNumbersRequest*) override;
  UnaryReactor* ListReachableNumbers(
      CallContext*, const v1::ListReachableNumbersRequest*,
      v1::ListReachableNumbersResponse*) override;
};

}  // namespace interlink::daemon
