#pragma once

#include "daemon/api/api_service.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

// Where a dialled number leads, and which calls are let in, for the PBX. What
// memory has is answered on the RPC thread.
class ResolverService final : public ApiService<v1::ResolverService> {
 public:
  ResolverService(const ApiBackend& backend, const ApiCaller& caller)
      : ApiService(backend, caller) {
    Serve(&ResolverService::Resolve);
    Serve(&ResolverService::AuthorizeCall);
  }

  UnaryReactor* Resolve(CallContext*, const v1::ResolveRequest*,
                        v1::ResolveResponse*) override;
  UnaryReactor* AuthorizeCall(CallContext*, const v1::AuthorizeCallRequest*,
                              v1::AuthorizeCallResponse*) override;
};

}  // namespace interlink::daemon
