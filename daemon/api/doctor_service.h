#pragma once

#include "daemon/api/api_service.h"
#include "interlink/v1/doctor.grpc.pb.h"

namespace interlink::daemon {

// What keeps the account from working.
class DoctorService final : public ApiService<v1::DoctorService> {
 public:
  DoctorService(const ApiBackend& backend, const ApiCaller& caller)
      : ApiService(backend, caller) {
    Serve(&DoctorService::Examine);
  }

  UnaryReactor* Examine(CallContext*, const v1::ExamineRequest*,
                        v1::ExamineResponse*) override;
};

}  // namespace interlink::daemon
