#include "daemon/system/logging.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <future>
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
    FlushLog();
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

// Protobuf would write a line of its own for each garbled message.
TEST_F(LoggingTest, AnUnreadableMessageIsLoggedAtDebugOnly) {
  const auto garble = [] {
    federation::v1::LookupRequest request;
    EXPECT_FALSE(request.ParseFromString("\x12\x02\xff\xfe"));
  };
  SetUpLogging("text", "info");
  EXPECT_THAT(Lines(garble), IsEmpty());
  SetUpLogging("text", "debug");
  EXPECT_THAT(Lines(garble), ElementsAre(HasSubstr(" debug protobuf: ")));
}

// Standard error is a pipe while this lives.
class LogReader {
 public:
  LogReader() : standard_error_(dup(STDERR_FILENO)) {
    FlushLog();
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) std::abort();
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    pipe_ = fdopen(ends[0], "r");
  }
  ~LogReader() {
    // The log may still wait to be read.
    auto rest = std::async(std::launch::async, [this] {
      while (std::fgetc(pipe_) != EOF) continue;
    });
    FlushLog();
    dup2(standard_error_, STDERR_FILENO);
    rest.wait();
    std::fclose(pipe_);
    close(standard_error_);
  }
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // Waits for it.
  std::string Line() {
    std::string line;
    for (int c; (c = std::fgetc(pipe_)) != EOF && c != '\n';) {
      line.push_back(static_cast<char>(c));
    }
    return line;
  }

 private:
  const int standard_error_;
  std::FILE* pipe_ = nullptr;
};

TEST_F(LoggingTest, LoggingDoesNotWaitForItsReader) {
  SetUpLogging("json", "info");
  LogReader reader;
  const uint64_t before = LogLinesDropped();
  constexpr uint64_t kLines = 50'000;
  for (uint64_t i = 0; i < kLines; ++i) {
    spdlog::info("line {} {}", i, std::string(60, 'x'));
  }
  const uint64_t dropped = LogLinesDropped() - before;
  EXPECT_GT(dropped, 0);
  // Memory is kept for about a mebibyte; the pipe holds some more.
  EXPECT_GT(dropped, kLines - 20'000);
  // Where lines are missing, one says how many.
  const std::string gap = " missing here, because standard error did not take ";
  uint64_t read = 0;
  std::string line;
  while (line = reader.Line(), line.find(gap) == std::string::npos) {
    EXPECT_EQ(nlohmann::json::parse(line)["message"],
              "line " + std::to_string(read) + " " + std::string(60, 'x'));
    ++read;
  }
  EXPECT_EQ(read + dropped, kLines);
  const auto told = nlohmann::json::parse(line);
  EXPECT_EQ(told["level"], "warning");
  EXPECT_THAT(told["message"].get<std::string>(),
              EndsWith(": " + std::to_string(dropped)));
  spdlog::info("again");
  EXPECT_EQ(nlohmann::json::parse(reader.Line())["message"], "again");
}

// Like /dev/full, a disk that is full, or a terminal that has gone.
TEST_F(LoggingTest, DroppedLinesAreReportedOnceALineCanBeWritten) {
  SetUpLogging("text", "info");
  FlushLog();
  const uint64_t before = LogLinesDropped();
  const int standard_error = dup(STDERR_FILENO);
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(dup2(full, STDERR_FILENO), STDERR_FILENO);
  spdlog::info("lost");
  spdlog::info("lost too");
  FlushLog();
  dup2(standard_error, STDERR_FILENO);
  close(full);
  close(standard_error);
  EXPECT_EQ(LogLinesDropped() - before, 2);
  EXPECT_THAT(
      Lines([] { spdlog::info("here"); }),
      ElementsAre(EndsWith(" did not take them: 2"), EndsWith(" info here")));
}

// The process may end after it.
TEST_F(LoggingTest, ACriticalLineIsWrittenWhenTheCallReturns) {
  SetUpLogging("text", "info");
  ::testing::internal::CaptureStderr();
  spdlog::critical("the end");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              EndsWith(" critical the end\n"));
}

// gRPC ends the process after such a line.
TEST_F(LoggingTest, AFailedAssertionOfGrpcIsLogged) {
  grpc_init();  // Before it gRPC logs nothing.
  SetUpLogging("json", "info");
  const auto lines =
      Lines([] { gpr_log(GPR_ERROR, "assertion failed: %s", "1 == 2"); });
  grpc_shutdown();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(lines[0])["level"], "critical");
}

}  // namespace
}  // namespace interlink::daemon
