#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "daemon/grpc_status.h"
#include "daemon/refused_stream.h"
#include "federation/reason.h"

namespace interlink::daemon {

// REQUEST_INVALID, of bytes that are no `Request`.
template <class Request>
absl::Status Unparsable() {
  return federation::Refusal(
      federation::Reason::kRequestInvalid,
      "this is no " + Request::descriptor()->full_name() +
          ": it is not in protobuf, or a text in it is not UTF-8; build the "
          "request from this daemon's .proto files");
}

// Of gRPC's own Handler it has `refusal` run where a request cannot be parsed.
template <class Handler>
class ParsingHandler final : public grpc::internal::MethodHandler {
 public:
  template <class Serve, class Refuse>
  ParsingHandler(Serve serve, Refuse refuse)
      : handler_(std::move(serve)), refusal_(std::move(refuse)) {}

  void* Deserialize(grpc_call* call, grpc_byte_buffer* bytes,
                    grpc::Status* status, void** data) override {
    return handler_.Deserialize(call, bytes, status, data);
  }
  void RunHandler(const HandlerParameter& call) override {
    if (call.status.ok()) return handler_.RunHandler(call);
    refusal_.RunHandler({call.call, call.server_context, call.request,
                         grpc::Status::OK, call.internal_data,
                         call.call_requester});
  }

 private:
  Handler handler_;
  Handler refusal_;
};

// A service that answers INVALID_ARGUMENT, with words, to a request that cannot
// be parsed. gRPC would answer UNIMPLEMENTED without a word, and end a stream
// of requests as if the client had.
//
// Its constructor calls Serve() for each of its methods.
template <class CallbackService>
class ParsedService : public CallbackService {
 protected:
  template <class Service, class Request, class Response>
  void Serve(grpc::ServerUnaryReactor* (Service::*method)(
      grpc::CallbackServerContext*, const Request*, Response*)) {
    using Handler = grpc::internal::CallbackUnaryHandler<Request, Response>;
    this->MarkMethodCallback(
        IndexOf<Request>(),
        new ParsingHandler<Handler>(
            std::bind_front(method, static_cast<Service*>(this)),
            [](grpc::CallbackServerContext* context, auto&&...) {
              grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
              reactor->Finish(ToGrpc(Unparsable<Request>()));
              return reactor;
            }));
  }

  template <class Service, class Request, class Response>
  void Serve(grpc::ServerWriteReactor<Response>* (Service::*method)(
      grpc::CallbackServerContext*, const Request*)) {
    using Handler =
        grpc::internal::CallbackServerStreamingHandler<Request, Response>;
    this->MarkMethodCallback(
        IndexOf<Request>(),
        new ParsingHandler<Handler>(
            std::bind_front(method, static_cast<Service*>(this)),
            [](auto&&...) {
              return new RefusedWrites<Response>(Unparsable<Request>());
            }));
  }

  // A stream of requests, which the method parses itself.
  template <class Request, class Service, class Response>
  void ServeBytes(grpc::ServerReadReactor<grpc::ByteBuffer>* (Service::*method)(
      grpc::CallbackServerContext*, Response*)) {
    this->MarkMethodCallback(
        IndexOf<Request>(),
        new grpc::internal::CallbackClientStreamingHandler<grpc::ByteBuffer,
                                                           Response>(
            std::bind_front(method, static_cast<Service*>(this))));
  }

  template <class Request, class Service, class Response>
  void ServeBytes(grpc::ServerBidiReactor<grpc::ByteBuffer, Response>* (
      Service::*method)(grpc::CallbackServerContext*)) {
    this->MarkMethodCallback(
        IndexOf<Request>(),
        new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, Response>(
            std::bind_front(method, static_cast<Service*>(this))));
  }

 private:
  // Each method has a request of its own.
  template <class Request>
  static int IndexOf() {
    const auto* file = Request::descriptor()->file();
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto* method = file->service(s)->method(m);
        if (method->input_type() == Request::descriptor()) return m;
      }
    }
    std::abort();
  }
};

}  // namespace interlink::daemon
