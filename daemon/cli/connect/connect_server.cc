#include "daemon/cli/connect/connect_server.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/connect/api_method.h"
#include "daemon/cli/connect/codec.h"
#include "daemon/cli/connect/connect_error.h"
#include "daemon/cli/connect/envelope.h"

namespace interlink::cli {
namespace {

using google::protobuf::MethodDescriptor;
using grpc::StatusCode;
using std::chrono::milliseconds;

CallKind KindOf(const MethodDescriptor& method) {
  return method.client_streaming() || method.server_streaming()
             ? CallKind::kStream
             : CallKind::kUnary;
}

// As it looks in W3C trace context, without its meaning.
bool IsTraceparent(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

// An error of HTTP, which is told before the protocol has begun.
void RefuseOverHttp(int status, Metadata headers, const grpc::Status& why,
                    ConnectAnswer& answer) {
  headers.emplace_back("Content-Type", "application/json");
  answer.Answer(status, headers, ErrorJson(why));
}

// nullopt: the client says none. At most 10 digits, as the protocol has it.
grpc::Status ReadTimeout(const std::string& text,
                         std::optional<milliseconds>* timeout) {
  if (text.empty()) return grpc::Status::OK;
  if (text.size() > 10 ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return RequestInvalid(
        "Connect-Timeout-Ms is a number of milliseconds, of 1 to 10 digits");
  }
  *timeout = milliseconds(std::stoll(text));
  return grpc::Status::OK;
}

grpc::Status ReadBody(const MethodDescriptor& method, Codec codec,
                      const std::string& body, RpcMessages* messages) {
  std::vector<std::string_view> texts = {body};
  if (KindOf(method) == CallKind::kStream) {
    texts.clear();
    grpc::Status status = OpenEnvelopes(body, &texts);
    if (!status.ok()) return status;
  }
  if (!method.client_streaming() && texts.size() != 1) {
    return RequestInvalid("the request has " + std::to_string(texts.size()) +
                          " messages, and " + method.full_name() +
                          " takes one");
  }
  for (const std::string_view text : texts) {
    messages->emplace_back(google::protobuf::MessageFactory::generated_factory()
                               ->GetPrototype(method.input_type())
                               ->New());
    grpc::Status status = ReadMessage(codec, text, messages->back().get());
    if (!status.ok()) return status;
  }
  return grpc::Status::OK;
}

grpc::Status ReadRequest(const MethodDescriptor& method, Codec codec,
                         const ConnectRequest& request, RpcMessages* messages,
                         std::optional<milliseconds>* timeout) {
  if (!request.protocol_version.empty() && request.protocol_version != "1") {
    return RequestInvalid("Connect-Protocol-Version is 1 here, not \"" +
                          request.protocol_version + "\"");
  }
  if (!request.content_encoding.empty() &&
      request.content_encoding != "identity") {
    return LocalFailure(
        StatusCode::UNIMPLEMENTED, "REQUEST_INVALID",
        "requests are taken uncompressed (identity), not as \"" +
            request.content_encoding + "\"");
  }
  grpc::Status status = ReadTimeout(request.timeout_ms, timeout);
  if (!status.ok()) return status;
  return ReadBody(method, codec, request.body, messages);
}

}  // namespace

std::unique_ptr<ConnectCall> ConnectServer::Open(const ConnectRequest& request,
                                                 ConnectAnswer& answer) {
  const MethodDescriptor* method = FindMethod(request.path);
  if (method == nullptr) {
    RefuseOverHttp(404, {},
                   LocalFailure(StatusCode::UNIMPLEMENTED, "METHOD_UNKNOWN",
                                "there is no method " + request.path +
                                    "; proto/interlink/v1 has those there are"),
                   answer);
    return nullptr;
  }
  const CallKind kind = KindOf(*method);
  const std::optional<Codec> codec = CodecOf(request.content_type, kind);
  if (!codec) {
    const std::string known = ContentTypesOf(kind);
    RefuseOverHttp(
        415, {{"Accept-Post", known}},
        LocalFailure(StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                     method->full_name() + " takes Content-Type " + known),
        answer);
    return nullptr;
  }
  RpcMessages messages;
  std::optional<milliseconds> timeout;
  if (!method->server_streaming()) timeout = options_.timeout;
  grpc::Status status =
      ReadRequest(*method, *codec, request, &messages, &timeout);
  if (status.ok() && calls_ >= options_.calls) {
    status = LocalFailure(StatusCode::RESOURCE_EXHAUSTED, "LIMIT_REACHED",
                          std::to_string(options_.calls) +
                              " calls are open; close a page, or try again");
  }
  if (!status.ok()) {
    AnswerError(status, kind, *codec, answer);
    return nullptr;
  }
  const auto rpc = MakeRpc(*method, std::move(messages));
  if (timeout) {
    rpc->context().set_deadline(std::chrono::system_clock::now() + *timeout);
  }
  // Anything else could be no metadata, at which gRPC would end the program.
  if (IsTraceparent(request.traceparent)) {
    rpc->context().AddMetadata("traceparent", request.traceparent);
  }
  auto call = std::make_unique<ConnectCall>(rpc, kind, *codec, answer);
  rpc->Start(stub_, EventsFor(*call));
  return call;
}

std::shared_ptr<Rpc> ConnectServer::MakeRpc(const MethodDescriptor& method,
                                            RpcMessages messages) {
  ++calls_;
  return std::make_shared<Rpc>(method, std::move(messages), post_,
                               [this] { --calls_; });
}

RpcEvents ConnectServer::EventsFor(ConnectCall& call) const {
  return {
      .on_begin = [&call](const Metadata& leading) { call.OnBegin(leading); },
      .on_message =
          [&call](const google::protobuf::Message& message) {
            call.OnMessage(message);
          },
      .on_end =
          [this, &call](const grpc::Status& status, const Metadata& trailing) {
            call.OnEnd(options_.explain(status), trailing);
          }};
}

}  // namespace interlink::cli
