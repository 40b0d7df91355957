#include "daemon/cli/api/failure.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "google/rpc/error.pb.h"

namespace interlink::cli {
namespace {

struct FailureCase {
  std::string name;
  grpc::StatusCode code;
  std::string message;
  ExitCode exit;

  friend void PrintTo(const FailureCase& c, std::ostream* out) {
    *out << c.name;
  }
};

class ExitCodeTest : public ::testing::TestWithParam<FailureCase> {};

TEST_P(ExitCodeTest, TellsAScriptWhatKindOfFailureItWas) {
  const grpc::Status status(GetParam().code, GetParam().message);
  EXPECT_EQ(ExitCodeOf(FailureOf(status)), GetParam().exit);
}

using grpc::StatusCode;
INSTANTIATE_TEST_SUITE_P(
    Codes, ExitCodeTest,
    ::testing::Values(
        FailureCase{"NotFound", StatusCode::NOT_FOUND, "LINK_NOT_FOUND: no",
                    ExitCode::kNotFound},
        FailureCase{"InvalidKey", StatusCode::PERMISSION_DENIED,
                    "INVALID_KEY: no", ExitCode::kRefused},
        FailureCase{"NameTaken", StatusCode::ALREADY_EXISTS, "NAME_TAKEN: no",
                    ExitCode::kRefused},
        FailureCase{"KeyExpired", StatusCode::FAILED_PRECONDITION,
                    "KEY_EXPIRED: no", ExitCode::kRefused},
        FailureCase{"BadArgument", StatusCode::INVALID_ARGUMENT, "no",
                    ExitCode::kRefused},
        FailureCase{"TooMany", StatusCode::RESOURCE_EXHAUSTED,
                    "RATE_LIMITED: wait", ExitCode::kRefused},
        FailureCase{"KeyVersion", StatusCode::UNIMPLEMENTED, "KEY_VERSION: new",
                    ExitCode::kRefused},
        FailureCase{"OlderDaemon", StatusCode::UNIMPLEMENTED, "",
                    ExitCode::kInternal},
        FailureCase{"LookupIncomplete", StatusCode::UNAVAILABLE,
                    "LOOKUP_INCOMPLETE: ask again", ExitCode::kUnreachable},
        FailureCase{"NoDaemon", StatusCode::UNAVAILABLE, "connect failed",
                    ExitCode::kUnreachable},
        FailureCase{"NoAnswer", StatusCode::DEADLINE_EXCEEDED,
                    "Deadline Exceeded", ExitCode::kUnreachable},
        FailureCase{"Disk", StatusCode::UNAVAILABLE, "STORE_UNAVAILABLE: full",
                    ExitCode::kInternal},
        FailureCase{"Internal", StatusCode::INTERNAL, "", ExitCode::kInternal}),
    [](const auto& test) { return test.param.name; });

std::string Details(const std::string& domain, const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_domain(domain);
  info.set_reason(reason);
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  return status.SerializeAsString();
}

TEST(FailureTest, TheReasonComesFromTheDetails) {
  const Failure failure = FailureOf({grpc::StatusCode::FAILED_PRECONDITION,
                                     "KEY_EXPIRED: it ended yesterday",
                                     Details("interlink", "KEY_EXPIRED")});
  EXPECT_EQ(failure.reason, "KEY_EXPIRED");
  EXPECT_EQ(failure.message, "it ended yesterday");
}

TEST(FailureTest, WithoutDetailsOfOursTheReasonComesFromTheMessage) {
  for (const std::string& details :
       {std::string(), std::string("\xFFnoise"), Details("other", "X")}) {
    const Failure failure = FailureOf(
        {grpc::StatusCode::ALREADY_EXISTS, "NAME_TAKEN: choose", details});
    EXPECT_EQ(failure.reason, "NAME_TAKEN");
    EXPECT_EQ(failure.message, "choose");
  }
}

TEST(FailureTest, AMessageWithoutAReasonStaysWhole) {
  const Failure failure =
      FailureOf({grpc::StatusCode::UNAVAILABLE, "failed to connect: refused"});
  EXPECT_EQ(failure.reason, "");
  EXPECT_EQ(failure.message, "failed to connect: refused");
}

// The sentence names the next step. A second hint beside it would often
// contradict it.
TEST(FailureTest, NoReasonGetsAHintBesideItsSentence) {
  for (const std::string reason :
       {"INVALID_KEY",       "KEY_EXPIRED",     "KEY_REVOKED",
        "KEY_ALREADY_USED",  "KEY_DAMAGED",     "KEY_VERSION",
        "SELF_LINK",         "ALREADY_LINKED",  "NAME_TAKEN",
        "NAME_INVALID",      "NUMBER_TAKEN",    "NUMBER_NOT_FOUND",
        "PROTOCOL_VERSION",  "LINK_TERMINATED", "PEER_IDENTITY_MISMATCH",
        "NO_ADDRESS",        "KEY_NOT_PENDING", "LINK_NOT_FOUND",
        "LIMIT_REACHED",     "RATE_LIMITED",    "STORE_UNAVAILABLE",
        "LOOKUP_INCOMPLETE", "NOT_PERMITTED",   "REQUEST_INVALID",
        "DAEMON_UNREACHABLE"}) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const Console console{.in = in, .out = out, .err = err};
    PrintFailure(
        console, Output::kTable,
        {grpc::StatusCode::FAILED_PRECONDITION, reason, "this is so; do that"});
    EXPECT_EQ(err.str(), "interlinkctl: " + reason + ": this is so; do that\n");
  }
}

TEST(FailureTest, JsonIsOneObjectWhateverTheMessageHolds) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const Console console{.in = in, .out = out, .err = err};
  PrintFailure(console, Output::kJson,
               {grpc::StatusCode::NOT_FOUND, "LINK_NOT_FOUND", "\"\n\xFF"});
  EXPECT_EQ(err.str(),
            "{\"error\":{\"reason\":\"LINK_NOT_FOUND\",\"message\":"
            "\"\\\"\\n\xEF\xBF\xBD\",\"code\":\"NOT_FOUND\"}}\n");
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace interlink::cli
