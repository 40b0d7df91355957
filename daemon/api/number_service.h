#pragma once

#include "daemon/api/api_caller.h"
#include "daemon/api/api_streams.h"
#include "daemon/rpc/parsed_service.h"
#include "federation/account.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

// The internal numbers of this account, for the administrator. A thin
// translator, as InterlinkService is.
//
// Threading: thread-safe. Lifetime: what it is given must outlive it, and the
// loop has to run until its server is shut down.
class NumberService final
    : public ParsedService<v1::NumberService::CallbackService> {
 public:
  static constexpr int kMaxEntriesInChunk = 1000;

  NumberService(federation::EventLoop& loop, federation::Account& account,
                ApiStreams& streams, ApiCaller caller)
      : loop_(loop), account_(account), streams_(streams), caller_(caller) {
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

 private:
  federation::EventLoop& loop_;
  federation::Account& account_;
  ApiStreams& streams_;
  const ApiCaller caller_;
};

}  // namespace interlink::daemon
