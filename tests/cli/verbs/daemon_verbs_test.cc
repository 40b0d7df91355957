#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kId = "aaaaaaaa11111111aaaaaaaa11111111";

class DaemonVerbsTest : public ::testing::Test {
 protected:
  DaemonVerbsTest() {
    daemon_.AddRow("John Smith", kId, v1::INTERLINK_STATE_ESTABLISHED,
                   v1::INDICATOR_GREEN);
    daemon_.AddRow("Zoë", kId, v1::INTERLINK_STATE_ESTABLISHED,
                   v1::INDICATOR_AMBER);
    daemon_.AddRow("Tim", kId, v1::INTERLINK_STATE_PENDING, v1::INDICATOR_GREY);
  }

  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

TEST_F(DaemonVerbsTest, StatusCountsTheRowsByColour) {
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("Mike Brown"));
  EXPECT_THAT(ctl_.out, HasSubstr("3: 1 green, 1 amber, 1 grey\n"));
  EXPECT_THAT(ctl_.out, HasSubstr("up            2 hours\n"));
  EXPECT_THAT(ctl_.out, HasSubstr("1 still to be told"));
}

TEST_F(DaemonVerbsTest, StatusEndsWithWhetherAllIsWell) {
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, EndsWith("\nAll is well here; amber, so silent or "
                                 "paused: Zoë.\n"));
  daemon_.rows[1].set_indicator(v1::INDICATOR_GREEN);
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, EndsWith("\nAll is well.\n"));
  daemon_.rows[1].set_indicator(v1::INDICATOR_RED);
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, EndsWith("\nNot well: red: Zoë; `interlinkctl list` "
                                 "says why.\n"));
}

TEST_F(DaemonVerbsTest, StatusCheckFailsIfARowIsRed) {
  EXPECT_EQ(ctl_.Run({"status", "--check"}), ExitCode::kDone);
  daemon_.AddRow("Ann", kId, v1::INTERLINK_STATE_FAILED, v1::INDICATOR_RED);
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  for (const std::string format : {"table", "json"}) {
    EXPECT_EQ(ctl_.Run({"status", "--check", "-o", format}),
              ExitCode::kRefused);
    EXPECT_THAT(ctl_.out, HasSubstr("Mike Brown"));
    EXPECT_THAT(ctl_.err, HasSubstr("red: Ann;"));
  }
}

TEST_F(DaemonVerbsTest, StatusSaysWhatIsWrongWithAGreenRow) {
  daemon_.rows[0].mutable_last_error()->set_reason("CONTACT_INVALID");
  daemon_.rows[0].mutable_last_error()->set_message("nobody can be called");
  EXPECT_EQ(ctl_.Run({"status", "--check"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out,
              EndsWith("\nAll is well here; amber, so silent or paused: Zoë; "
                       "green, but " +
                       daemon_.rows[0].name() + ": nobody can be called.\n"));
  daemon_.rows[0].mutable_next_try_time()->set_seconds(1);  // Reconnecting.
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, Not(HasSubstr("green, but")));
}

// Amber mends itself; a store that takes no changes may not.
TEST_F(DaemonVerbsTest, StatusCheckFailsIfTheStoreTakesNoChanges) {
  daemon_.store_failure = "STORE_UNAVAILABLE: the store takes no changes";
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  for (const std::string format : {"table", "json"}) {
    EXPECT_EQ(ctl_.Run({"status", "--check", "-o", format}),
              ExitCode::kRefused);
    EXPECT_THAT(ctl_.err, HasSubstr("NOT_WELL"));
    EXPECT_THAT(ctl_.err, HasSubstr("the store takes no changes"));
    EXPECT_THAT(ctl_.err, Not(HasSubstr("STORE_UNAVAILABLE")));
  }
  daemon_.AddRow("Ann", kId, v1::INTERLINK_STATE_FAILED, v1::INDICATOR_RED);
  EXPECT_EQ(ctl_.Run({"status", "--check"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("takes no changes; red: Ann;"));
}

// The daemon works, but not as its file says.
TEST_F(DaemonVerbsTest, StatusSaysThatAReloadWasRefused) {
  daemon_.settings_failure = "the latest reload was refused";
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("settings      the latest reload was"));
  EXPECT_THAT(ctl_.out, HasSubstr("Not well: the latest reload was refused."));
  EXPECT_EQ(ctl_.Run({"status", "--check"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("NOT_WELL: the latest reload was refused"));
  daemon_.store_failure = "the store takes no changes";
  EXPECT_EQ(ctl_.Run({"status", "--check"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("takes no changes; the latest reload was"));
}

v1::Finding FindingOf(const std::string& check, v1::FindingOutcome outcome,
                      const std::string& message) {
  v1::Finding finding;
  finding.set_check(check);
  finding.set_outcome(outcome);
  finding.set_message(message);
  return finding;
}

TEST_F(DaemonVerbsTest, DoctorFailsIfThereIsAFault) {
  daemon_.findings = {
      FindingOf("disk", v1::FINDING_OUTCOME_OK, "900 MB are free"),
      FindingOf("clock", v1::FINDING_OUTCOME_WARNING, "nobody sets it")};
  EXPECT_EQ(ctl_.Run({"doctor"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.examine_request.interlink_id(), "");
  EXPECT_THAT(ctl_.out, HasSubstr("socket"));
  EXPECT_THAT(ctl_.out, HasSubstr("900 MB are free"));
  EXPECT_THAT(ctl_.out, HasSubstr("warning"));
  daemon_.findings.push_back(
      FindingOf("store", v1::FINDING_OUTCOME_FAULT, "takes no changes"));
  for (const std::string format : {"table", "json"}) {
    EXPECT_EQ(ctl_.Run({"doctor", "-o", format}), ExitCode::kRefused);
    EXPECT_THAT(ctl_.out, HasSubstr("takes no changes"));
    EXPECT_THAT(ctl_.err, HasSubstr("1 fault found"));
  }
}

TEST_F(DaemonVerbsTest, DoctorExaminesTheRowThatIsNamed) {
  v1::Finding finding =
      FindingOf("tcp", v1::FINDING_OUTCOME_NOT_EXAMINED, "\x1b[31m");
  finding.set_interlink_id(kId);
  finding.set_interlink_name("John Smith");
  daemon_.findings = {finding};
  EXPECT_EQ(ctl_.Run({"doctor", "John Smith"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.examine_request.interlink_id(), kId);
  EXPECT_THAT(ctl_.out, HasSubstr("not examined"));
  EXPECT_THAT(ctl_.out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(ctl_.Run({"doctor", "Nobody"}), ExitCode::kNotFound);
}

TEST_F(DaemonVerbsTest, BackupSendsAnAbsolutePath) {
  EXPECT_EQ(ctl_.Run({"backup", "copy"}), ExitCode::kDone);
  EXPECT_THAT(daemon_.backup_directory, EndsWith("/copy"));
  EXPECT_EQ(daemon_.backup_directory.front(), '/');
  EXPECT_EQ(ctl_.Run({"backup", "/var/../tmp/copy"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.backup_directory, "/tmp/copy");
}

TEST_F(DaemonVerbsTest, APageWithoutADaemonIsNotServed) {
  Ctl ctl("/nowhere/api.sock");
  EXPECT_EQ(ctl.Run({"page"}), ExitCode::kUnreachable);
  EXPECT_EQ(ctl.out, "");
}

}  // namespace
}  // namespace interlink::cli
