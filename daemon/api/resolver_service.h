#pragma once

#include "daemon/api/api_caller.h"
#include "daemon/rpc/parsed_service.h"
#include "federation/account.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

// Where a dialled number leads, for the PBX. A local number is answered on the
// RPC thread.
//
// Threading: thread-safe. Lifetime: what it is given must outlive it, and the
// loop has to run until its server is shut down.
class ResolverService final
    : public ParsedService<v1::ResolverService::CallbackService> {
 public:
  ResolverService(federation::EventLoop& loop, federation::Account& account,
                  ApiCaller caller)
      : loop_(loop), account_(account), caller_(caller) {
    Serve(&ResolverService::Resolve);
  }

  grpc::ServerUnaryReactor* Resolve(grpc::CallbackServerContext* context,
                                    const v1::ResolveRequest* request,
                                    v1::ResolveResponse* response) override;

 private:
  federation::EventLoop& loop_;
  federation::Account& account_;
  const ApiCaller caller_;
};

}  // namespace interlink::daemon
