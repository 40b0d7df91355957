// What reaches `interlinkctl page`: HTTP by whoever is on the machine, and in
// it the Connect protocol by whoever has a session.

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/cli/connect/codec.h"
#include "daemon/cli/connect/connect_error.h"
#include "daemon/cli/connect/connect_server.h"
#include "daemon/cli/connect/envelope.h"
#include "daemon/cli/page/page_loop.h"
#include "daemon/cli/page/page_server.h"
#include "interlink/v1/doctor.pb.h"
#include "interlink/v1/interlink.pb.h"
#include "tests/cli/connect/recorded_answer.h"
#include "tests/fuzz/connection.h"
#include "tests/fuzz/empty_daemon.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

using google::protobuf::MethodDescriptor;
using std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// In an input, what is different in each run.
constexpr std::string_view kSession = "SESSION";
constexpr std::string_view kToken = "TOKEN";

// The page of a daemon that has nothing. No request changes anything but the
// sessions, so that one serves all inputs.
class ServedPage {
 public:
  ServedPage() {
    Require(cli::PageServer::Start(loop_, sessions_, api_, {}, &page_).ok(),
            "the page is served");
  }

  // What is answered to `input`, sent over one connection.
  std::string AnswersTo(std::string input) {
    if (!sessions_.Has(session_)) {
      Require(sessions_.Begin(sessions_.NewToken(), &session_).ok(),
              "a link makes a session");
    }
    Put(session_, kSession, input);
    Put(sessions_.NewToken(), kToken, input);
    Connection client(page_->address(), input);
    RunUntil([&] { return !client.Receive(); }, "every connection ends");
    RunUntil([this] { return api_.calls() == 0; },
             "a call ends with its connection");
    return client.received();
  }
  cli::RecordedAnswer AnswerTo(const cli::ConnectRequest& request) {
    cli::RecordedAnswer answer;
    const auto call = api_.Open(request, answer);
    RunUntil(
        [&] {
          if (call && std::exchange(answer.wants_more, false)) call->GoOn();
          return answer.is_whole;
        },
        "every request is answered");
    RunUntil([this] { return api_.calls() == 0; }, "a call ends");
    return answer;
  }

 private:
  static void Put(const std::string& value, std::string_view name,
                  std::string& input) {
    for (size_t at = 0; (at = input.find(name, at)) != input.npos;) {
      input.replace(at, name.size(), value);
      at += value.size();
    }
  }

  template <class Condition>
  void RunUntil(Condition is_done, std::string_view claim) {
    const auto end = steady_clock::now() + 15s;
    while (!is_done()) {
      Require(steady_clock::now() < end, claim);
      loop_.context().restart();
      loop_.context().run_one_for(1ms);
    }
  }

  EmptyDaemon daemon_;
  cli::PageLoop loop_;
  cli::Sessions sessions_;
  std::string session_;
  cli::ConnectServer api_{
      daemon_.Connect(),
      [this](auto task) { loop_.Post(std::move(task)); },
      {.explain = [](const grpc::Status& status) { return status; }}};
  std::unique_ptr<cli::PageServer> page_;
};

// An error has a code of the protocol, and words after its reason.
void CheckError(const nlohmann::json& error) {
  static const auto& codes = *new std::set<std::string>{
      "invalid_argument",   "not_found",       "permission_denied",
      "resource_exhausted", "unauthenticated", "unimplemented"};
  Require(error.is_object() && error.contains("code"), "an error has a code");
  // As gRPC says it, without a reason.
  if (error["code"] == "deadline_exceeded") return;
  Require(codes.count(error["code"]) == 1, "an error has a code of ours");
  const std::string message = error.value("message", "");
  const size_t end = message.find(": ");
  Require(end != message.npos && end > 0 && end + 2 < message.size() &&
              message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == end,
          "an error has a reason, and says what it is");
}

void CheckErrorText(const std::string& text) {
  const auto error = nlohmann::json::parse(text, nullptr, false);
  Require(!error.is_discarded(), "an error is JSON");
  CheckError(error);
}

// Takes a body in chunks off `answers`. It may end anywhere, because a call
// ends when its client does.
void TakeChunks(std::string_view& answers) {
  while (!answers.empty()) {
    const size_t line = answers.find("\r\n");
    const size_t size = line == answers.npos
                            ? answers.size()
                            : std::stoul(std::string(answers), nullptr, 16);
    if (answers.size() < size || answers.size() - size < line + 4) {
      answers = {};
      return;
    }
    Require(answers.substr(line + 2 + size, 2) == "\r\n", "a chunk has an end");
    answers.remove_prefix(line + 2 + size + 2);
    if (size == 0) return;
  }
}

// Whether the answer with this head is of a call that was made, or a session.
bool IsOfMembers(std::string_view head) {
  const std::string_view type = HeaderIn(head, "Content-Type");
  return head.starts_with("HTTP/1.1 200 ") &&
         (type == "application/json" || type == "application/proto" ||
          type.starts_with("application/connect"));
}

// Checks the answer in front of `answers`, and takes it off. `is_member`: who
// asked has a link or a session.
void TakeAnswer(bool is_member, std::string_view& answers) {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (answers.starts_with(kContinue)) {
    return answers.remove_prefix(kContinue.size());
  }
  Require(answers.starts_with("HTTP/1.1 "), "every answer is HTTP");
  const size_t end = answers.find("\r\n\r\n");
  Require(end != answers.npos, "every answer has an end");
  const std::string_view head = answers.substr(0, end + 2);
  const int status = std::stoi(std::string(head.substr(9, 3)));
  answers.remove_prefix(end + 4);
  Require(HeaderIn(head, "Content-Security-Policy")
              .starts_with("default-src 'none'; "),
          "every answer says what it may do in a browser");
  Require(HeaderIn(head, "Cache-Control") == "no-store", "nothing is kept");
  Require(is_member || !IsOfMembers(head), "nobody calls without a session");
  const std::string length(HeaderIn(head, "Content-Length"));
  if (length.empty()) {
    Require(HeaderIn(head, "Transfer-Encoding") == "chunked",
            "every answer says how long it is");
    return TakeChunks(answers);
  }
  const size_t size = std::stoul(length);
  // The answer to HEAD has no body.
  if (answers.empty() || answers.starts_with("HTTP/1.1 ")) return;
  Require(answers.size() >= size, "every answer is whole");
  if (status != 200) CheckErrorText(std::string(answers.substr(0, size)));
  answers.remove_prefix(size);
}

void ReadHttp(ServedPage& page, const std::string& input) {
  const bool is_member =
      input.find(kSession) != input.npos || input.find(kToken) != input.npos;
  const std::string received = page.AnswersTo(input);
  std::string_view answers = received;
  while (!answers.empty()) TakeAnswer(is_member, answers);
}

void ReadEnvelopes(const std::string& body) {
  std::vector<std::string_view> messages;
  const grpc::Status status = cli::OpenEnvelopes(body, &messages);
  Require(messages.size() <= 1000, "messages have a bound");
  if (!status.ok()) {
    return CheckErrorText(cli::ErrorJson(status));
  }
  std::string again;
  for (const std::string_view message : messages) {
    again += cli::Envelope(cli::EnvelopeKind::kMessage, message);
  }
  Require(again == body, "a body is its messages and nothing else");
}

// All methods that administrators may call.
const std::vector<const MethodDescriptor*>& Methods() {
  static const auto& methods = *[] {
    auto* all = new std::vector<const MethodDescriptor*>();
    for (const auto* file : {v1::Interlink::descriptor()->file(),
                             v1::Finding::descriptor()->file()}) {
      for (int i = 0; i < file->service_count(); ++i) {
        for (int j = 0; j < file->service(i)->method_count(); ++j) {
          all->push_back(file->service(i)->method(j));
        }
      }
    }
    return all;
  }();
  return methods;
}

// The last envelope tells the end; nothing follows it.
void CheckStream(const cli::RecordedAnswer& answer) {
  std::string_view rest = answer.body;
  for (;;) {
    Require(rest.size() >= 5, "a stream has its end");
    size_t size = 0;
    for (const char byte : rest.substr(1, 4)) {
      size = size << 8U | static_cast<uint8_t>(byte);
    }
    Require(rest.size() - 5 >= size, "an envelope is whole");
    const std::string text(rest.substr(5, size));
    const char flags = rest[0];
    rest.remove_prefix(5 + size);
    if (flags == 0) continue;
    Require(flags == 2 && rest.empty(), "the end is at the end");
    const auto end = nlohmann::json::parse(text, nullptr, false);
    Require(end.is_object(), "the end is JSON");
    if (end.contains("error")) CheckError(end["error"]);
    return;
  }
}

// What is read as JSON is written as JSON that can be read.
void CheckJson(const MethodDescriptor& method, const std::string& body) {
  const auto fresh = [&method] {
    return std::unique_ptr<google::protobuf::Message>(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(method.input_type())
            ->New());
  };
  const auto message = fresh();
  const grpc::Status status =
      cli::ReadMessage(cli::Codec::kJson, body, message.get());
  std::string json;
  if (!status.ok() ||
      !cli::WriteMessage(cli::Codec::kJson, *message, &json).ok()) {
    return;
  }
  const auto again = fresh();
  Require(cli::ReadMessage(cli::Codec::kJson, json, again.get()).ok(),
          "what was written can be read");
}

void MakeCall(ServedPage& page, Input input) {
  const size_t which = input.Below(Methods().size() + 1);
  const uint8_t how = input.Byte();
  const auto codec = (how & 1) != 0 ? cli::Codec::kProto : cli::Codec::kJson;
  const bool is_known = which < Methods().size();
  const bool is_stream = is_known && (Methods()[which]->client_streaming() ||
                                      Methods()[which]->server_streaming());
  const bool says_stream = is_stream != ((how & 2) != 0);
  cli::ConnectRequest request;
  request.path = is_known ? "/" + Methods()[which]->service()->full_name() +
                                "/" + Methods()[which]->name()
                          : input.Text();
  request.content_type = cli::ContentTypeOf(
      codec, says_stream ? cli::CallKind::kStream : cli::CallKind::kUnary);
  if ((how & 4) != 0) request.protocol_version = input.Text();
  if ((how & 8) != 0) request.timeout_ms = input.Text();
  if ((how & 16) != 0) request.traceparent = input.Text();
  if ((how & 32) != 0) request.content_encoding = input.Text();
  const std::string message = input.Rest();
  // As it is, or with an honest envelope around it.
  const bool is_wrapped = is_stream && (how & 64) == 0;
  request.body = is_wrapped
                     ? cli::Envelope(cli::EnvelopeKind::kMessage, message)
                     : message;

  const cli::RecordedAnswer answer = page.AnswerTo(request);
  const bool is_error = answer.status != 200;
  if (is_error) {
    CheckErrorText(answer.body);
  } else if (is_stream) {
    CheckStream(answer);
  }
  // Each byte that an error repeats takes at most six, and it does so twice.
  Require(answer.body.size() <= 2000 + 12 * (request.body.size() + 600),
          "an answer has a bound");
  if (is_known && codec == cli::Codec::kJson) {
    CheckJson(*Methods()[which], message);
  }
}

const Registration kConnectTarget("connect", [](std::string_view bytes) {
  // Never destroyed, as LinkedWorld::Fresh().
  static ServedPage& page = *new ServedPage();
  Input input(bytes);
  switch (input.Below(3)) {
    case 0:
      return ReadHttp(page, input.Rest());
    case 1:
      return ReadEnvelopes(input.Rest());
    default:
      return MakeCall(page, input);
  }
});

}  // namespace
}  // namespace interlink::fuzz
