#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/cli/connect/codec.h"
#include "daemon/cli/connect/metadata.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

class Rpc;

// What the Connect protocol reads of an HTTP request, which is a POST; empty
// for a header that it does not have.
struct ConnectRequest {
  std::string path;
  std::string content_type;
  std::string content_encoding;
  std::string protocol_version;  // Connect-Protocol-Version.
  std::string timeout_ms;        // Connect-Timeout-Ms.
  std::string traceparent;       // The one metadata that the API reads.
  std::string body;
};

// Where the answer to one request goes: an HTTP connection.
class ConnectAnswer {
 public:
  virtual ~ConnectAnswer() = default;

  // The whole answer.
  virtual void Answer(int status, const Metadata& headers,
                      std::string body) = 0;
  // The head of an answer in parts, whose status is 200.
  virtual void Begin(const Metadata& headers) = 0;
  // A part. No other comes before ConnectCall::GoOn().
  virtual void Send(std::string part) = 0;
  // The last part, after which the answer is whole.
  virtual void End(std::string part) = 0;
};

// A call that is being answered. Destroying it cancels the call.
//
// Threading: the thread that made it. Lifetime: the answer must outlive it.
class ConnectCall {
 public:
  ConnectCall(std::shared_ptr<Rpc> rpc, CallKind kind, Codec codec,
              ConnectAnswer& answer)
      : rpc_(std::move(rpc)), kind_(kind), codec_(codec), answer_(answer) {}
  ~ConnectCall();
  ConnectCall(const ConnectCall&) = delete;
  ConnectCall& operator=(const ConnectCall&) = delete;

  // The part that was sent has been taken by the client.
  void GoOn();
  // Ends the call and tells the client why. REQUIRES: the answer is not whole.
  void EndWith(const grpc::Status& why);

  // What the rpc tells.
  void OnBegin(const Metadata& leading);
  void OnMessage(const google::protobuf::Message& message);
  void OnEnd(const grpc::Status& status, const Metadata& trailing);

 private:
  const std::shared_ptr<Rpc> rpc_;
  const CallKind kind_;
  const Codec codec_;
  ConnectAnswer& answer_;
  Metadata leading_;
  bool has_begun_ = false;              // A stream, whose client has the head.
  std::optional<std::string> message_;  // The answer of a unary call.
};

// Answers a call that was not made, in the form that its client expects.
void AnswerError(const grpc::Status& status, CallKind kind, Codec codec,
                 ConnectAnswer& answer);

}  // namespace interlink::cli
