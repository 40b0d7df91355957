#include "daemon/cli/connect/connect_call.h"

#include <utility>

#include "daemon/cli/connect/connect_error.h"
#include "daemon/cli/connect/envelope.h"
#include "daemon/cli/connect/rpc.h"

namespace interlink::cli {
namespace {

// Errors are in JSON, whatever the messages are in.
constexpr const char* kJson = "application/json";

Metadata HeadersOf(const char* content_type, const Metadata& leading) {
  Metadata headers = {{"Content-Type", content_type}};
  headers.insert(headers.end(), leading.begin(), leading.end());
  return headers;
}

Metadata HeadersOfUnary(const char* content_type, const Metadata& leading,
                        const Metadata& trailing) {
  Metadata headers = HeadersOf(content_type, leading);
  for (const auto& [name, value] : trailing) {
    headers.emplace_back("Trailer-" + name, value);
  }
  return headers;
}

}  // namespace

ConnectCall::~ConnectCall() { rpc_->Cancel(); }

void ConnectCall::GoOn() { rpc_->TakeNext(); }

void ConnectCall::EndWith(const grpc::Status& why) {
  rpc_->Cancel();
  if (has_begun_) return OnEnd(why, {});
  AnswerError(why, kind_, codec_, answer_);
}

void ConnectCall::OnBegin(const Metadata& leading) {
  leading_ = leading;
  if (kind_ == CallKind::kUnary) return;
  has_begun_ = true;
  // A stream whose first message is long in coming has begun nevertheless.
  answer_.Begin(HeadersOf(ContentTypeOf(codec_, kind_), leading_));
}

void ConnectCall::OnMessage(const google::protobuf::Message& message) {
  std::string bytes;
  const grpc::Status status = WriteMessage(codec_, message, &bytes);
  if (!status.ok()) return EndWith(status);
  if (kind_ == CallKind::kStream) {
    answer_.Send(Envelope(EnvelopeKind::kMessage, bytes));
  } else {
    message_ = std::move(bytes);
    rpc_->TakeNext();
  }
}

void ConnectCall::OnEnd(const grpc::Status& status, const Metadata& trailing) {
  if (kind_ == CallKind::kStream) {
    answer_.End(
        Envelope(EnvelopeKind::kEnd, EndOfStreamJson(status, trailing)));
  } else if (status.ok() && message_) {
    answer_.Answer(
        200, HeadersOfUnary(ContentTypeOf(codec_, kind_), leading_, trailing),
        *std::move(message_));
  } else {
    const grpc::Status error =
        status.ok() ? grpc::Status(grpc::StatusCode::INTERNAL,
                                   "the daemon answered without a message")
                    : status;
    answer_.Answer(HttpStatusOf(error.error_code()),
                   HeadersOfUnary(kJson, leading_, trailing), ErrorJson(error));
  }
}

void AnswerError(const grpc::Status& status, CallKind kind, Codec codec,
                 ConnectAnswer& answer) {
  if (kind == CallKind::kStream) {
    answer.Answer(200, HeadersOf(ContentTypeOf(codec, kind), {}),
                  Envelope(EnvelopeKind::kEnd, EndOfStreamJson(status, {})));
  } else {
    answer.Answer(HttpStatusOf(status.error_code()), HeadersOf(kJson, {}),
                  ErrorJson(status));
  }
}

}  // namespace interlink::cli
