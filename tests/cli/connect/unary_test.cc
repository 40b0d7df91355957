#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "google/rpc/error.pb.h"
#include "tests/cli/connect/connect_fixture.h"

namespace interlink::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kList = "InterlinkService/ListInterlinks";
constexpr const char* kGenerate = "InterlinkService/GenerateKey";

class ConnectUnaryTest : public ConnectFixture {};

TEST_F(ConnectUnaryTest, AnswersWithEveryFieldUnderItsNameInTheProto) {
  daemon_->AddRow("Tim", "aaaa", v1::INTERLINK_STATE_PENDING,
                  v1::INDICATOR_GREY);
  const RecordedAnswer answer = Call(Unary(kList, "{}"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/json");
  const auto row = answer.Json()["interlinks"][0];
  EXPECT_EQ(row["name"], "Tim");
  EXPECT_EQ(row["indicator"], "INDICATOR_GREY");
  EXPECT_EQ(row["paused"], false);
  EXPECT_EQ(row["peer_account_name"], "");
  EXPECT_TRUE(row["last_error"].is_null());
}

TEST_F(ConnectUnaryTest, ReadsFieldsByEitherName) {
  Call(Unary(kGenerate, R"({"name": "Tim", "expires_in": "3600s"})"));
  EXPECT_EQ(daemon_->generate_key_request.expires_in().seconds(), 3600);
  Call(Unary(kGenerate, R"({"name": "Tim", "expiresIn": "60s"})"));
  EXPECT_EQ(daemon_->generate_key_request.expires_in().seconds(), 60);
}

struct BadRequest {
  const char* name;
  std::string body;
  std::string words;

  friend void PrintTo(const BadRequest& bad, std::ostream* out) {
    *out << bad.name;
  }
};

class BadJsonTest : public ConnectFixture,
                    public ::testing::WithParamInterface<BadRequest> {};

TEST_P(BadJsonTest, IsRefusedInWords) {
  const RecordedAnswer answer = Call(Unary(kGenerate, GetParam().body));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Json()["code"], "invalid_argument");
  EXPECT_THAT(std::string(answer.Json()["message"]),
              AllOf(HasSubstr("REQUEST_INVALID: the request is no "
                              "interlink.v1.GenerateKeyRequest in JSON: "),
                    HasSubstr(GetParam().words)));
  EXPECT_EQ(daemon_->generate_key_request.name(), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, BadJsonTest,
    ::testing::Values(
        BadRequest{"nothing", "", "it is empty"},
        BadRequest{"blanks", " \n", "it is empty"},
        BadRequest{"cut_short", R"({"name": "Ti)", ""},
        BadRequest{"no_object", R"(["name"])", ""},
        BadRequest{"another_type", R"({"name": {"a": 1}})", "name"},
        BadRequest{"misspelt", R"({"name": "Tim", "privat": true})", "privat"},
        BadRequest{"damaged_utf8", "{\"name\": \"B\xfcro\"}", ""},
        BadRequest{"deep",
                   std::string(100'000, '[') + std::string(100'000, ']'), ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(ConnectUnaryTest, AnErrorRepeatsNoKey) {
  const RecordedAnswer answer =
      Call(Unary("InterlinkService/LinkAccount", R"({"ilk1_c2VjcmV0": 1})"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, Not(HasSubstr("c2VjcmV0")));
}

TEST_F(ConnectUnaryTest, AnErrorHasTheDetailsOfTheDaemon) {
  google::rpc::ErrorInfo info;
  info.set_reason("LINK_NOT_FOUND");
  info.set_domain("interlink");
  (*info.mutable_metadata())["id"] = "aaaa";
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  auto* unknown = details.add_details();
  unknown->set_type_url("type.googleapis.com/example.Unknown");
  unknown->set_value("\xff\x01");
  daemon_->refusal = grpc::Status(grpc::StatusCode::NOT_FOUND,
                                  "LINK_NOT_FOUND: no interlink has this id",
                                  details.SerializeAsString());
  const RecordedAnswer answer =
      Call(Unary("InterlinkService/ShowKey", R"({"id": "aaaa"})"));
  EXPECT_EQ(answer.status, 404);
  const auto error = answer.Json();
  EXPECT_EQ(error["code"], "not_found");
  EXPECT_EQ(error["message"], "LINK_NOT_FOUND: no interlink has this id");
  const auto& detail = error["details"][0];
  EXPECT_EQ(detail["type"], "google.rpc.ErrorInfo");
  EXPECT_EQ(detail["debug"]["reason"], "LINK_NOT_FOUND");
  EXPECT_EQ(detail["debug"]["metadata"]["id"], "aaaa");
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(std::string(detail["value"]), &bytes));
  google::rpc::ErrorInfo read;
  ASSERT_TRUE(read.ParseFromString(bytes));
  EXPECT_EQ(read.domain(), "interlink");
  EXPECT_EQ(error["details"][1],
            (nlohmann::json{{"type", "example.Unknown"}, {"value", "/wE"}}));
}

struct CodeCase {
  grpc::StatusCode code;
  int http_status;
  const char* name;

  friend void PrintTo(const CodeCase& code, std::ostream* out) {
    *out << code.name;
  }
};

class ErrorCodeTest : public ConnectFixture,
                      public ::testing::WithParamInterface<CodeCase> {};

TEST_P(ErrorCodeTest, HasItsNameAndItsHttpStatus) {
  daemon_->refusal = grpc::Status(GetParam().code, "no");
  const RecordedAnswer answer = Call(Unary(kGenerate, R"({"name": "Tim"})"));
  EXPECT_EQ(answer.status, GetParam().http_status);
  EXPECT_EQ(answer.Json(),
            (nlohmann::json{{"code", GetParam().name}, {"message", "no"}}));
}

// The table of https://connectrpc.com/docs/protocol.
INSTANTIATE_TEST_SUITE_P(
    All, ErrorCodeTest,
    ::testing::Values(
        CodeCase{grpc::StatusCode::CANCELLED, 499, "canceled"},
        CodeCase{grpc::StatusCode::UNKNOWN, 500, "unknown"},
        CodeCase{grpc::StatusCode::INVALID_ARGUMENT, 400, "invalid_argument"},
        CodeCase{grpc::StatusCode::DEADLINE_EXCEEDED, 504, "deadline_exceeded"},
        CodeCase{grpc::StatusCode::NOT_FOUND, 404, "not_found"},
        CodeCase{grpc::StatusCode::ALREADY_EXISTS, 409, "already_exists"},
        CodeCase{grpc::StatusCode::PERMISSION_DENIED, 403, "permission_denied"},
        CodeCase{grpc::StatusCode::RESOURCE_EXHAUSTED, 429,
                 "resource_exhausted"},
        CodeCase{grpc::StatusCode::FAILED_PRECONDITION, 400,
                 "failed_precondition"},
        CodeCase{grpc::StatusCode::ABORTED, 409, "aborted"},
        CodeCase{grpc::StatusCode::OUT_OF_RANGE, 400, "out_of_range"},
        CodeCase{grpc::StatusCode::UNIMPLEMENTED, 501, "unimplemented"},
        CodeCase{grpc::StatusCode::INTERNAL, 500, "internal"},
        CodeCase{grpc::StatusCode::UNAVAILABLE, 503, "unavailable"},
        CodeCase{grpc::StatusCode::DATA_LOSS, 500, "data_loss"},
        CodeCase{grpc::StatusCode::UNAUTHENTICATED, 401, "unauthenticated"}),
    [](const auto& tested) { return std::string(tested.param.name); });

class UnknownMethodTest : public ConnectFixture,
                          public ::testing::WithParamInterface<std::string> {};

TEST_P(UnknownMethodTest, IsNotFound) {
  ConnectRequest request = Unary(kList, "{}");
  request.path = GetParam();
  const RecordedAnswer answer = Call(request);
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Json()["code"], "unimplemented");
  EXPECT_THAT(std::string(answer.Json()["message"]),
              HasSubstr("METHOD_UNKNOWN: "));
}

// The last is of peers, the one before of every gRPC server that likes.
INSTANTIATE_TEST_SUITE_P(
    All, UnknownMethodTest,
    ::testing::Values("/", "/a", "//", "/interlink.v1.InterlinkService/",
                      "/interlink.v1.InterlinkService/listInterlinks",
                      "/interlink.v1.InterlinkService/ListInterlinks/",
                      "/InterlinkService/ListInterlinks",
                      "/grpc.reflection.v1alpha.ServerReflection/"
                      "ServerReflectionInfo",
                      "/interlink.federation.v1.FederationService/Lookup"));

TEST_F(ConnectUnaryTest, TakesTheBinaryFormToo) {
  v1::GenerateKeyRequest asked;
  asked.set_name("Tim");
  ConnectRequest request = Unary(kGenerate, asked.SerializeAsString());
  request.content_type = "application/proto";
  RecordedAnswer answer = Call(request);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/proto");
  v1::GenerateKeyResponse read;
  ASSERT_TRUE(read.ParseFromString(answer.body));
  EXPECT_EQ(read.interlink().name(), "Tim");

  request.body = "\xff\xff";
  answer = Call(request);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Header("Content-Type"), "application/json");
  EXPECT_THAT(answer.body, HasSubstr("in the binary form"));
}

TEST_F(ConnectUnaryTest, AnEmptyBinaryAnswerIsOne) {
  ConnectRequest request = Unary("NumberService/DeleteNumber", "");
  request.content_type = "application/proto";
  const RecordedAnswer answer = Call(request);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(ConnectUnaryTest, RefusesWhatIsNeither) {
  ConnectRequest request = Unary(kList, "{}");
  for (const char* type :
       {"", "text/plain", "application/grpc-web", "application/connect+json",
        "application/connect+proto", "application/jsonx"}) {
    request.content_type = type;
    const RecordedAnswer answer = Call(request);
    EXPECT_EQ(answer.status, 415) << type;
    EXPECT_EQ(answer.Header("Accept-Post"),
              "application/json, application/proto");
    EXPECT_EQ(answer.Header("Content-Type"), "application/json");
  }
  request.content_type = "Application/JSON; charset=utf-8";
  EXPECT_EQ(Call(request).status, 200);
}

TEST_F(ConnectUnaryTest, RefusesAnotherVersionOfTheProtocol) {
  ConnectRequest request = Unary(kList, "{}");
  request.protocol_version = "1";
  EXPECT_EQ(Call(request).status, 200);
  request.protocol_version = "2";
  EXPECT_EQ(Call(request).status, 400);
}

TEST_F(ConnectUnaryTest, RefusesWhatIsCompressed) {
  ConnectRequest request = Unary(kList, "{}");
  request.content_encoding = "identity";
  EXPECT_EQ(Call(request).status, 200);
  request.content_encoding = "gzip";
  const RecordedAnswer answer = Call(request);
  EXPECT_EQ(answer.status, 501);
  EXPECT_THAT(answer.body, HasSubstr("identity"));
}

TEST_F(ConnectUnaryTest, MetadataOfTheDaemonAreHeaders) {
  daemon_->link = [](grpc::ServerContext* context, v1::LinkAccountResponse*) {
    context->AddInitialMetadata("x-leading", "1");
    context->AddInitialMetadata("set-cookie", "a=b");
    context->AddTrailingMetadata("x-trailing-bin", "\xff\x01");
    return grpc::Status::OK;
  };
  const RecordedAnswer answer =
      Call(Unary("InterlinkService/LinkAccount", R"({"name": "Tim"})"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("x-leading"), "1");
  EXPECT_EQ(answer.Header("Trailer-x-trailing-bin"), "/wE=");
  EXPECT_EQ(answer.Header("set-cookie"), "");
}

TEST_F(ConnectUnaryTest, ATraceParentIsPassedOnIfItIsOne) {
  std::string seen;
  daemon_->link = [&](grpc::ServerContext* context, v1::LinkAccountResponse*) {
    const auto& metadata = context->client_metadata();
    const auto found = metadata.find("traceparent");
    seen = found == metadata.end()
               ? "none"
               : std::string(found->second.data(), found->second.size());
    return grpc::Status::OK;
  };
  ConnectRequest request = Unary("InterlinkService/LinkAccount", "{}");
  request.traceparent =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Call(request);
  EXPECT_EQ(seen, request.traceparent);
  for (const std::string& bad :
       {std::string("00-\x80"), std::string(65, '0')}) {
    request.traceparent = bad;
    EXPECT_EQ(Call(request).status, 200);
    EXPECT_EQ(seen, "none");
  }
}

}  // namespace
}  // namespace interlink::cli
