#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kId = "aaaaaaaa11111111aaaaaaaa11111111";

class LinkTest : public ::testing::Test {
 protected:
  void AnswerWith(v1::InterlinkState state, v1::Indicator indicator) {
    v1::Interlink row;
    row.set_name("Mike");
    row.set_state(state);
    row.set_indicator(indicator);
    row.set_peer_account_name("Mike Brown");
    if (state == v1::INTERLINK_STATE_LINKING) {
      row.mutable_last_error()->set_reason("PEER_UNREACHABLE");
      row.mutable_last_error()->set_message("connection refused");
    }
    daemon_.link = [row](auto*, v1::LinkAccountResponse* response) {
      *response->mutable_interlink() = row;
      return grpc::Status::OK;
    };
  }

  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

TEST_F(LinkTest, AnEstablishedLinkPrintsItsRow) {
  AnswerWith(v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_GREEN);
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.link_request.key(), "ilk1_key");
  EXPECT_EQ(ctl_.out, "● green Mike: linked, linked with Mike Brown\n");
  EXPECT_EQ(ctl_.err, "");
}

TEST_F(LinkTest, AKeyThatWasEnteredBeforeIsNotSaidToLinkNow) {
  AnswerWith(v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_GREEN);
  v1::Interlink& row = daemon_.AddRow(
      "MIKE", kId, v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_GREEN);
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "● green Mike: linked, linked with Mike Brown\n");
  row.clear_id();  // As the one that is answered.
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out,
            "● green Mike: linked, linked already with Mike Brown: the key was "
            "entered before, and nothing has changed\n");
}

TEST_F(LinkTest, WarningsFollowTheRow) {
  daemon_.link = [](auto*, v1::LinkAccountResponse* response) {
    response->mutable_interlink()->set_state(v1::INTERLINK_STATE_ESTABLISHED);
    response->add_warnings("nobody can call the contact: set --contact");
    return grpc::Status::OK;
  };
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.err, "warning: nobody can call the contact: set --contact.\n");
}

// The daemon finds the key in it.
TEST_F(LinkTest, ADashReadsAllOfStandardInput) {
  AnswerWith(v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_GREEN);
  ctl_.input = "Your key:\r\n> ilk1_\r\n> key\r\n";
  EXPECT_EQ(ctl_.Run({"link", "Mike", "-"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.link_request.key(), ctl_.input);
  EXPECT_EQ(ctl_.Run({"link", "Mike"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.link_request.key(), ctl_.input);
}

TEST_F(LinkTest, WithoutAKeyTheTerminalIsAskedForIt) {
  AnswerWith(v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_GREEN);
  ctl_.in_is_terminal = true;
  ctl_.secret = "ilk1_a\nb\n";
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"link", "Mike"},
                                             {"link", "Mike", "-"}}) {
    EXPECT_EQ(ctl_.Run(words), ExitCode::kDone);
    EXPECT_EQ(daemon_.link_request.key(), "ilk1_a\nb\n");
    EXPECT_THAT(ctl_.err, HasSubstr("Paste the key"));
    EXPECT_THAT(ctl_.err + ctl_.out, Not(HasSubstr("ilk1_")));
  }
  daemon_.link_request.Clear();
  ctl_.secret.reset();
  EXPECT_EQ(ctl_.Run({"link", "Mike"}), ExitCode::kInternal);
  EXPECT_EQ(daemon_.link_request.name(), "");
}

TEST_F(LinkTest, EachKindOfMisplacedWordHasItsOwnError) {
  EXPECT_EQ(ctl_.Run({"link", "ilk1_key", "Mike"}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("the name comes first"));
  EXPECT_EQ(ctl_.Run({"link", "ilk1_key"}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("a name is missing"));
  EXPECT_EQ(ctl_.Run({"link", "Mike", "Brown"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("KEY_DAMAGED: \"Brown\" is not"));
  EXPECT_THAT(ctl_.err, HasSubstr("put a name with spaces in quotes"));
  EXPECT_EQ(ctl_.Run({"link", "Mike", "Brown", "ilk1_key"}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("put a name with spaces in quotes"));
  EXPECT_EQ(daemon_.link_request.name(), "");
}

TEST_F(LinkTest, AKeyThatIsNotUtf8IsRefusedInOurWords) {
  ctl_.input = std::string(
      "\xFF\xFEi\0l\0k\0"
      "1\0\n\0",
      12);
  EXPECT_EQ(ctl_.Run({"link", "Mike", "-"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("KEY_DAMAGED: this is not UTF-8 text"));
  EXPECT_EQ(daemon_.link_request.name(), "");
}

TEST_F(LinkTest, StillLinkingIsNeitherDoneNorRefused) {
  AnswerWith(v1::INTERLINK_STATE_LINKING, v1::INDICATOR_GREY);
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.out, HasSubstr("PEER_UNREACHABLE: connection refused"));
  EXPECT_THAT(ctl_.err, HasSubstr("interlinkd goes on trying"));
  EXPECT_THAT(ctl_.err, HasSubstr("interlinkctl delete 'Mike'"));
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key", "-o", "json"}),
            ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.out, HasSubstr("\"INTERLINK_STATE_LINKING\""));
  EXPECT_EQ(ctl_.err, "");
}

TEST_F(LinkTest, ARefusalIsTheDaemonsSentenceAndNoMore) {
  daemon_.link = [](auto*, auto*) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                        "KEY_ALREADY_USED: it was used; ask for a new one");
  };
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key"}), ExitCode::kRefused);
  EXPECT_EQ(ctl_.err,
            "interlinkctl: KEY_ALREADY_USED: it was used; ask for a new one\n");
}

TEST_F(LinkTest, TheTimeoutIsTheCallersDeadline) {
  std::chrono::system_clock::time_point deadline;
  daemon_.link = [&](grpc::ServerContext* context, auto*) {
    deadline = context->deadline();
    return grpc::Status::OK;
  };
  const auto before = std::chrono::system_clock::now();
  ctl_.Run({"link", "Mike", "ilk1_key", "--timeout", "300"});
  EXPECT_GT(deadline, before + std::chrono::seconds(200));
  ctl_.Run({"link", "Mike", "ilk1_key"});
  EXPECT_GT(deadline, before + std::chrono::seconds(40));
  EXPECT_LT(deadline, before + std::chrono::seconds(100));
}

// The answer is held back until the progress is about to be written: that asks
// for the time.
TEST_F(LinkTest, ATerminalShowsTheAttemptsOfThisRowMeanwhile) {
  std::promise<void> shown;
  std::once_flag once;
  ctl_.on_now = [&] { std::call_once(once, [&] { shown.set_value(); }); };
  daemon_.link = [&](auto*, v1::LinkAccountResponse* response) {
    shown.get_future().wait_for(std::chrono::seconds(20));
    response->mutable_interlink()->set_name("Mike");
    response->mutable_interlink()->set_state(v1::INTERLINK_STATE_ESTABLISHED);
    return grpc::Status::OK;
  };
  daemon_.watch_stays_open = true;
  for (const std::string name : {"Other", "Mike"}) {
    v1::Interlink& row = *daemon_.watch.emplace_back().mutable_interlink();
    row.set_id(kId);
    row.set_name(name);
    row.set_state(v1::INTERLINK_STATE_LINKING);
    row.mutable_last_error()->set_message("10.0.0.5:7443: refused");
    row.mutable_next_try_time()->set_seconds(Ctl::kNow + 3);
  }
  ctl_.err_is_terminal = true;
  EXPECT_EQ(ctl_.Run({"link", "Mike", "ilk1_key"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.err, HasSubstr("● grey  Mike: linking … 10.0.0.5:7443: "
                                  "refused; next try in 3 s"));
  EXPECT_THAT(ctl_.err, Not(HasSubstr("Other")));
  EXPECT_THAT(ctl_.err, EndsWith("\r\x1b[2K"));
  EXPECT_THAT(ctl_.out, HasSubstr("Mike"));
}

}  // namespace
}  // namespace interlink::cli
