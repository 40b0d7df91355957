#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/connect/connect_fixture.h"

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;

constexpr const char* kImport = "NumberService/ImportNumbers";

class ConnectStreamTest : public ConnectFixture {
 protected:
  void Show(const std::string& name) {
    daemon_->watch.emplace_back().mutable_interlink()->set_name(name);
  }
};

TEST_F(ConnectStreamTest, EachMessageIsAnEnvelopeAndTheLastOneTellsTheEnd) {
  Show("Tim");
  daemon_->watch.emplace_back().set_current(true);
  const RecordedAnswer answer = Call(Stream(kWatch, Framed("{}")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/connect+json");
  const auto envelopes = answer.Envelopes();
  ASSERT_EQ(envelopes.size(), 3U);
  EXPECT_EQ(envelopes[0].first, 0);
  EXPECT_EQ(envelopes[0].second["interlink"]["name"], "Tim");
  EXPECT_EQ(envelopes[1].second, nlohmann::json({{"current", true}}));
  EXPECT_EQ(envelopes[2].first, 2);
  EXPECT_EQ(envelopes[2].second,
            nlohmann::json({{"metadata", nlohmann::json::object()}}));
}

TEST_F(ConnectStreamTest, AnErrorIsInTheLastEnvelopeBehindStatus200) {
  Show("Tim");
  daemon_->refusal =
      grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "NOT_PERMITTED: no");
  const RecordedAnswer answer = Call(Stream(kWatch, Framed("{}")));
  EXPECT_EQ(answer.status, 200);
  const auto envelopes = answer.Envelopes();
  ASSERT_EQ(envelopes.size(), 2U);
  EXPECT_EQ(envelopes[1].first, 2);
  EXPECT_EQ(envelopes[1].second["error"]["code"], "permission_denied");
  EXPECT_EQ(envelopes[1].second["error"]["message"], "NOT_PERMITTED: no");
}

TEST_F(ConnectStreamTest, MessagesOfTheClientGoInOneCall) {
  daemon_->import_answer.set_created_count(2);
  const RecordedAnswer answer = Call(Stream(
      kImport,
      Framed(R"({"entries": [{"line": "2", "number": {"number": "1"}}]})") +
          Framed(R"({"validate_only": true})")));
  ASSERT_EQ(daemon_->chunks.size(), 2U);
  EXPECT_EQ(daemon_->chunks[0].entries(0).line(), 2);
  EXPECT_TRUE(daemon_->chunks[1].validate_only());
  const auto envelopes = answer.Envelopes();
  ASSERT_EQ(envelopes.size(), 2U);
  EXPECT_EQ(envelopes[0].second["created_count"], "2");
  EXPECT_EQ(envelopes[0].second["skipped_count"], "0");
  EXPECT_EQ(envelopes[1].first, 2);
}

TEST_F(ConnectStreamTest, AStreamOfTheClientMayHaveNoMessage) {
  const RecordedAnswer answer = Call(Stream(kImport, ""));
  EXPECT_EQ(answer.Envelopes().size(), 2U);
  EXPECT_TRUE(daemon_->chunks.empty());
}

struct BadBody {
  const char* name;
  std::string body;
  std::string words;

  friend void PrintTo(const BadBody& bad, std::ostream* out) {
    *out << bad.name;
  }
};

class BadEnvelopeTest : public ConnectFixture,
                        public ::testing::WithParamInterface<BadBody> {};

TEST_P(BadEnvelopeTest, IsRefusedInTheLastEnvelope) {
  const RecordedAnswer answer = Call(Stream(kWatch, GetParam().body));
  EXPECT_EQ(answer.status, 200);
  const auto envelopes = answer.Envelopes();
  ASSERT_EQ(envelopes.size(), 1U);
  EXPECT_EQ(envelopes[0].first, 2);
  EXPECT_EQ(envelopes[0].second["error"]["code"], "invalid_argument");
  EXPECT_THAT(std::string(envelopes[0].second["error"]["message"]),
              HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadEnvelopeTest,
    ::testing::Values(
        BadBody{"none", "", "has 0 messages"},
        BadBody{"two", std::string("\0\0\0\0\2{}\0\0\0\0\2{}", 14),
                "has 2 messages"},
        BadBody{"half_a_head", std::string("\0\0\0", 3), "ends within"},
        BadBody{"half_a_message", std::string("\0\0\0\0\3{}", 7),
                "ends within"},
        BadBody{"longer_than_memory", std::string("\0\xff\xff\xff\xff{}", 7),
                "ends within"},
        BadBody{"unframed", "{}   ", "ends within"},
        BadBody{"compressed", std::string("\1\0\0\0\2{}", 7), "flags"},
        BadBody{"end_of_stream", std::string("\2\0\0\0\2{}", 7), "flags"},
        BadBody{"too_many", std::string(5 * 1001, '\0'), "at most 1000"},
        BadBody{"empty_message", std::string("\0\0\0\0\0", 5), "is empty"},
        BadBody{"no_json", std::string("\0\0\0\0\1{", 6), "in JSON"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(ConnectStreamTest, TheBinaryFormEndsInJsonToo) {
  daemon_->watch.emplace_back().set_current(true);
  ConnectRequest request = Stream(kWatch, Framed(""));
  request.content_type = "application/connect+proto";
  const RecordedAnswer answer = Call(request);
  EXPECT_EQ(answer.Header("Content-Type"), "application/connect+proto");
  EXPECT_EQ(answer.body, Framed("\x10\x01") + Framed(R"({"metadata":{}})", 2));
}

TEST_F(ConnectStreamTest, TakesEnvelopesAlone) {
  ConnectRequest request = Stream(kWatch, Framed("{}"));
  for (const char* type : {"", "application/json", "application/proto",
                           "application/grpc-web+json"}) {
    request.content_type = type;
    const RecordedAnswer answer = Call(request);
    EXPECT_EQ(answer.status, 415) << type;
    EXPECT_EQ(answer.Header("Accept-Post"),
              "application/connect+json, application/connect+proto");
  }
}

// So a browser that does not read holds the daemon's stream, not our memory.
TEST_F(ConnectStreamTest, TheNextMessageComesOnceTheOneBeforeWasTaken) {
  for (const char* name : {"a", "b", "c"}) Show(name);
  RecordedAnswer answer;
  const auto call = server().Open(Stream(kWatch, Framed("{}")), answer);
  RunUntil([&] { return !answer.parts.empty(); });
  for (int i = 0; i < 1000; ++i) {
    loop_.context().restart();
    loop_.context().poll();
    std::this_thread::yield();
  }
  EXPECT_EQ(answer.parts.size(), 1U);
  EXPECT_FALSE(answer.is_whole);
  call->GoOn();
  RunUntil([&] { return answer.parts.size() == 2; });
}

TEST_F(ConnectStreamTest, MetadataAreHeadersAndInTheLastEnvelope) {
  daemon_->on_watch = [](grpc::ServerContext* context) {
    context->AddInitialMetadata("x-leading", "1");
    context->AddTrailingMetadata("x-trailing", "2");
    context->AddTrailingMetadata("x-trailing", "3");
  };
  Show("Tim");
  const RecordedAnswer answer = Call(Stream(kWatch, Framed("{}")));
  EXPECT_EQ(answer.Header("x-leading"), "1");
  EXPECT_EQ(answer.Envelopes().back().second["metadata"]["x-trailing"],
            nlohmann::json({"2", "3"}));
}

}  // namespace
}  // namespace interlink::cli
