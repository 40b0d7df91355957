#include "daemon/api/doctor_service.h"

#include <utility>

namespace interlink::daemon {

UnaryReactor* DoctorService::Examine(CallContext* context,
                                     const v1::ExamineRequest* request,
                                     v1::ExamineResponse* response) {
  return BeginOnLoop(context, "Examine", [=, this](const UnaryCall& call) {
    backend().doctor.Examine(
        *request, [call, response](absl::StatusOr<v1::ExamineResponse> found) {
          call.Finish(ToGrpc(Fill(std::move(found), response)));
        });
  });
}

}  // namespace interlink::daemon
