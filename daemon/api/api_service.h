#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "daemon/api/api_backend.h"
#include "daemon/api/api_caller.h"
#include "daemon/rpc/break_off.h"
#include "daemon/rpc/grpc_status.h"
#include "daemon/rpc/parsed_service.h"
#include "daemon/rpc/refused_stream.h"
#include "daemon/rpc/rpc_counts.h"

namespace interlink::daemon {

using CallContext = grpc::CallbackServerContext;
using UnaryReactor = grpc::ServerUnaryReactor;

// `result` into `out`; its error, if it is one.
template <class T>
absl::Status Fill(absl::StatusOr<T> result, T* out) {
  if (!result.ok()) return result.status();
  *out = *std::move(result);
  return absl::OkStatus();
}

// What the services of the API share: every call is first checked against the
// table of roles, and then answered on the loop. `Service` is the generated
// class, such as v1::NumberService; methods are named without it.
//
// Threading: thread-safe. Lifetime: what the backend names must outlive it, and
// the loop has to run until its server is shut down.
template <class Service>
class ApiService : public ParsedService<typename Service::CallbackService> {
 protected:
  ApiService(const ApiBackend& backend, const ApiCaller& caller)
      : backend_(backend), caller_(caller) {}

  federation::Account& account() const { return backend_.account; }
  const ApiBackend& backend() const { return backend_; }

  // OK, or NOT_PERMITTED.
  absl::Status Check(const grpc::ServerContextBase& context,
                     const std::string& method) const {
    return RoleFor(context, method).status();
  }
  // A call of that method has come.
  CountedCall Count(const std::string& method) const {
    return {backend_.loop,
            backend_.counts.Of(Service::service_full_name(), method)};
  }

  // `begin` gets the call on the loop, and has it finished in time. gRPC keeps
  // context, request and response until then.
  template <class Begin>
  UnaryReactor* BeginOnLoop(CallContext* context, const std::string& method,
                            Begin begin) {
    const UnaryCall call(*context, Count(method));
    if (auto status = Check(*context, method); !status.ok()) {
      return call.Finish(ToGrpc(status));
    }
    backend_.loop.Post(
        [call, begin = std::move(begin)]() mutable { begin(call); });
    return call.reactor();
  }

  // `handle` fills the response on the loop and returns the outcome.
  template <class Handle>
  UnaryReactor* AnswerOnLoop(CallContext* context, const std::string& method,
                             Handle handle) {
    auto answer = [handle = std::move(handle)](const UnaryCall& call) mutable {
      call.Finish(ToGrpc(handle()));
    };
    return BeginOnLoop(context, method, std::move(answer));
  }

  // Opens a watch of class Watch, which is a WatchStream<Response> made with
  // `arguments`.
  template <class Watch, class Response, class... Arguments>
  grpc::ServerWriteReactor<Response>* OpenWatch(CallContext* context,
                                                const std::string& method,
                                                Arguments&&... arguments) {
    const CountedCall counted = Count(method);
    counted.Received();
    const auto role = RoleFor(*context, method);
    if (!role.ok()) {
      counted.Ended(ToGrpc(role.status()));
      return new RefusedStream<grpc::ServerWriteReactor<Response>>(
          role.status());
    }
    auto* watch = new Watch(backend_.loop, backend_.streams,
                            std::forward<Arguments>(arguments)...);
    watch->Open({.counted = counted,
                 .role = *role,
                 .break_off = [context](const grpc::Status& status) {
                   BreakOff(*context, status);
                 }});
    return watch;
  }

 private:
  absl::StatusOr<Role> RoleFor(const grpc::ServerContextBase& context,
                               const std::string& method) const {
    return caller_.Check(
        context, absl::StrCat(Service::service_full_name(), "/", method));
  }

  const ApiBackend backend_;
  const ApiCaller caller_;
};

}  // namespace interlink::daemon
