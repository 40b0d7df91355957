#include "daemon/logging.h"

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "interlink/federation/v1/federation.pb.h"

namespace interlink::daemon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class LoggingTest : public ::testing::Test {
 protected:
  ~LoggingTest() override { SetUpLogging("text", "info"); }

  // The lines that `talk` writes to standard error.
  template <class Talk>
  static std::vector<std::string> Lines(Talk talk) {
    ::testing::internal::CaptureStderr();
    talk();
    std::istringstream in(::testing::internal::GetCapturedStderr());
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  static constexpr char kHostile[] = "a\"b\\c\nd\te\x01\x7f\xff{}%v";
};

TEST_F(LoggingTest, EachJsonLineIsAnObjectWithTimeLevelAndMessage) {
  SetUpLogging("json", "info");
  const auto lines = Lines([] {
    spdlog::info("ready: {}", "http");
    spdlog::warn("{}", "");
  });
  ASSERT_THAT(lines, SizeIs(2));
  const auto first = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(first["level"], "info");
  EXPECT_EQ(first["message"], "ready: http");
  EXPECT_THAT(first["time"].get<std::string>(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"));
  EXPECT_EQ(nlohmann::json::parse(lines[1])["message"], "");
}

TEST_F(LoggingTest, WhateverAMessageHoldsAJsonLineStaysOneObject) {
  SetUpLogging("json", "info");
  const auto lines = Lines([] { spdlog::info("{}", kHostile); });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(lines[0])["message"],
            "a\"b\\c\nd\te\x01\x7f\xEF\xBF\xBD{}%v");
}

TEST_F(LoggingTest, WhateverAMessageHoldsTextStaysOneLine) {
  SetUpLogging("text", "info");
  const auto lines = Lines([] { spdlog::info("{}", kHostile); });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0],
              AllOf(HasSubstr("Z info a\"b\\c d e  "), EndsWith("{}%v")));
}

TEST_F(LoggingTest, ItCanBeSetUpAgainWithAnotherFormatAndLevel) {
  SetUpLogging("json", "debug");
  EXPECT_THAT(Lines([] { spdlog::debug("a"); }), SizeIs(1));
  SetUpLogging("text", "warn");
  const auto lines = Lines([] {
    spdlog::info("b");
    spdlog::warn("c");
  });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], EndsWith("Z warning c"));
}

TEST_F(LoggingTest, GrpcWritesNoLinesOfItsOwn) {
  gpr_log_verbosity_init();  // As gRPC does when it is first used.
  SetUpLogging("json", "info");
  EXPECT_THAT(Lines([] { gpr_log(GPR_ERROR, "no match"); }), IsEmpty());
  SetUpLogging("json", "debug");
  const auto lines = Lines([] { gpr_log(GPR_ERROR, "no match"); });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(lines[0])["message"], "grpc: no match");
}

// Protobuf's own words would come as lines of their own, one for each message
// that somebody garbles.
TEST_F(LoggingTest, AMessageThatCannotBeReadIsToldAtDebugOnly) {
  const auto garble = [] {
    federation::v1::LookupRequest request;
    EXPECT_FALSE(request.ParseFromString("\x12\x02\xff\xfe"));
  };
  SetUpLogging("text", "info");
  EXPECT_THAT(Lines(garble), IsEmpty());
  SetUpLogging("text", "debug");
  EXPECT_THAT(Lines(garble), ElementsAre(HasSubstr(" debug protobuf: ")));
}

}  // namespace
}  // namespace interlink::daemon
