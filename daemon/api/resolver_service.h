#pragma once

#include "daemon/api/api_service.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::daemon {

// Where a dialled number leads, for the PBX. A local number is answered on the
// RPC thread.
class ResolverService final : public ApiService<v1::ResolverService> {
 public:
  ResolverService(const ApiBackend& backend, const ApiCaller& caller)
      : ApiService(backend, caller) {
    Serve(&ResolverService::Resolve);
  }

  UnaryReactor* Resolve(CallContext*, const v1::ResolveRequest*,
                        v1::ResolveResponse*) override;
};

}  // namespace interlink::daemon
