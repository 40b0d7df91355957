#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "daemon/rpc/grpc_status.h"
#include "daemon/rpc/parse.h"
#include "daemon/rpc/refused_stream.h"

namespace interlink::daemon {

// gRPC's Handler, except that `refuse` answers a request that cannot be parsed.
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
  using Bytes = grpc::ByteBuffer;

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
              return new RefusedStream<grpc::ServerWriteReactor<Response>>(
                  Unparsable<Request>());
            }));
  }

  // A stream of requests, which the method parses itself.
  template <class Request, class Service, class Response>
  void ServeBytes(grpc::ServerReadReactor<Bytes>* (Service::*method)(
      grpc::CallbackServerContext*, Response*)) {
    ServeBy<Request,
            grpc::internal::CallbackClientStreamingHandler<Bytes, Response>>(
        method);
  }
  template <class Request, class Service, class Response>
  void ServeBytes(grpc::ServerBidiReactor<Bytes, Response>* (Service::*method)(
      grpc::CallbackServerContext*)) {
    ServeBy<Request, grpc::internal::CallbackBidiHandler<Bytes, Response>>(
        method);
  }

 private:
  template <class Request, class Handler, class Service, class Result,
            class... Arguments>
  void ServeBy(Result* (Service::*method)(Arguments...)) {
    this->MarkMethodCallback(
        IndexOf<Request>(),
        new Handler(std::bind_front(method, static_cast<Service*>(this))));
  }

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
