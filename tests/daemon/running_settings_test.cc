#include "daemon/running_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/setting_changes.h"
#include "daemon/system/logging.h"
#include "tests/daemon/config_fixture.h"

namespace interlink::daemon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Settings that are given by flags, which another reading finds changed.
class RunningSettingsTest : public ConfigTest {
 protected:
  using Words = std::vector<std::string>;

  RunningSettingsTest() { SetUpLogging("text", "info"); }

  RunningSettings StartedWith(const Words& words) {
    words_ = words;
    return {Good(words), [this] { return Read(words_); }};
  }
  // "OUTCOME: message" of each finding.
  static std::vector<std::string> Examined(const RunningSettings& settings) {
    Findings findings;
    settings.Examine(findings);
    std::vector<std::string> all;
    for (const v1::Finding& finding : findings.all()) {
      EXPECT_EQ(finding.check(), "settings");
      const std::string outcome = v1::FindingOutcome_Name(finding.outcome());
      all.push_back(outcome.substr(std::string("FINDING_OUTCOME_").size()) +
                    ": " + finding.message());
    }
    return all;
  }
  // What `act` has logged.
  template <class Act>
  static std::string Logged(Act act) {
    ::testing::internal::CaptureStderr();
    act();
    FlushLog();
    return ::testing::internal::GetCapturedStderr();
  }

  Words words_;  // That the next reading finds.
};

TEST_F(RunningSettingsTest, WhatIsInForceAsItIsSetIsWell) {
  const RunningSettings settings = StartedWith({"--lookup-limit", "7"});
  EXPECT_THAT(Examined(settings), ElementsAre("OK: in force as they are set"));
}

TEST_F(RunningSettingsTest, AChangeSaysWhetherAReloadWillDo) {
  const RunningSettings settings = StartedWith({});
  words_ = {"--lookup-limit", "7"};
  EXPECT_THAT(Examined(settings),
              ElementsAre("WARNING: changed since they were read: lookup-limit;"
                          " reload the daemon to put them in force"));
  words_ = {"--lookup-limit", "7", "--http-listen", "none"};
  EXPECT_THAT(Examined(settings),
              ElementsAre("WARNING: changed since they were read: http-listen, "
                          "lookup-limit; restart the daemon to put them in "
                          "force"));
}

TEST_F(RunningSettingsTest, WhatWaitsForARestartIsToldUntilThen) {
  RunningSettings settings = StartedWith({});
  words_ = {"--http-listen", "none"};
  const std::string waits =
      "http-listen is \"none\" in the new settings; \"127.0.0.1:9464\" stays "
      "in "
      "force until a restart";
  EXPECT_THAT(Logged([&] { settings.Adopt(*settings.ReadAgain(), false); }),
              AllOf(HasSubstr("settings read again; changed: http-listen"),
                    HasSubstr(waits)));
  EXPECT_THAT(Examined(settings), ElementsAre("WARNING: " + waits));
  // Another reload does not forget it.
  EXPECT_THAT(Logged([&] { settings.Adopt(*settings.ReadAgain(), false); }),
              AllOf(HasSubstr("none has changed"), HasSubstr(waits)));
}

TEST_F(RunningSettingsTest, BadSettingsChangeNothingAndAreAFault) {
  RunningSettings settings = StartedWith({"--lookup-limit", "7"});
  words_ = {"--lookup-limit", "many", "--log-level", "loud"};
  EXPECT_THAT(Logged([&] { EXPECT_EQ(settings.ReadAgain(), std::nullopt); }),
              AllOf(HasSubstr("the new settings are bad: --lookup-limit"),
                    HasSubstr("the new settings are bad: --log-level"),
                    HasSubstr("the settings stay as they were")));
  EXPECT_THAT(Examined(settings),
              ElementsAre(AllOf(HasSubstr("FAULT: the new settings are bad: "),
                                EndsWith("; no reload takes them over")),
                          HasSubstr("FAULT: the new settings are bad: ")));
}

TEST_F(RunningSettingsTest, ARefusedReloadIsAFailureUntilOneIsTakenOver) {
  RunningSettings settings = StartedWith({"--lookup-limit", "7"});
  EXPECT_EQ(settings.failure(), "");
  words_ = {"--lookup-limit", "many", "--log-level", "loud"};
  EXPECT_EQ(settings.failure(), "") << "nobody has asked for them yet";
  EXPECT_EQ(settings.ReadAgain(), std::nullopt);
  EXPECT_THAT(settings.failure(),
              AllOf(HasSubstr("the latest reload was refused"),
                    HasSubstr("--lookup-limit"), HasSubstr(", and 1 more;")));
  words_ = {"--lookup-limit", "7"};
  EXPECT_THAT(Examined(settings),
              ElementsAre("WARNING: they are good now, but the latest reload "
                          "was refused; reload the daemon again"));
  settings.Adopt(*settings.ReadAgain(), false);
  EXPECT_EQ(settings.failure(), "");
  EXPECT_THAT(Examined(settings), ElementsAre("OK: in force as they are set"));
}

TEST_F(RunningSettingsTest, AFileThatIsEmptyAllOfASuddenIsBad) {
  const std::string file = File("lookup-limit = 7\n");
  RunningSettings settings = StartedWith({"--config", file});
  File("");
  EXPECT_THAT(Logged([&] { EXPECT_EQ(settings.ReadAgain(), std::nullopt); }),
              HasSubstr("the new settings are bad: the configuration file " +
                        file + " sets nothing"));
  EXPECT_THAT(Examined(settings), ElementsAre(HasSubstr("FAULT: ")));
}

// The contact has no room for the token that the open door asks for.
TEST_F(RunningSettingsTest, WhatIsBadBesideAnOpenDoorAloneNeedsARestart) {
  RunningSettings settings = StartedWith({"--sip-listen", "127.0.0.1:5070"});
  words_ = {"--contact", "sip:99{number}@pbx.example.net"};
  EXPECT_THAT(
      Logged([&] { EXPECT_EQ(settings.ReadAgain(), std::nullopt); }),
      HasSubstr("the new settings are bad beside the PBX's doors, which "
                "stand until a restart: "));
  EXPECT_THAT(Examined(settings),
              ElementsAre(AllOf(HasSubstr("WARNING: the new settings are bad "),
                                EndsWith("; restart the daemon"))));
}

TEST_F(RunningSettingsTest, ADoorThatStandsKeepsItsRules) {
  RunningSettings settings = StartedWith(
      {"--sip-listen", "127.0.0.1:5070", "--sip-allow", "192.0.2.1"});
  words_ = {};
  const auto fresh = settings.ReadAgain();
  ASSERT_TRUE(fresh.has_value());
  EXPECT_EQ(fresh->call_admission, "token");
  EXPECT_EQ(ChangedSettings(settings.config(), *fresh), "sip-listen");
}

TEST_F(RunningSettingsTest, ANewSecretIsToldUnlessItsFileIsAnotherOne) {
  const Words with = {"--pbx-http-listen", "127.0.0.1:9465", "--pbx-http-token",
                      "/etc/token"};
  RunningSettings settings = StartedWith(with);
  const std::string secret = "the secret in --pbx-http-token";
  EXPECT_THAT(Logged([&] { settings.Adopt(Good(with), true); }),
              HasSubstr("settings read again; changed: " + secret));
  Words limited = with;
  limited.insert(limited.end(), {"--lookup-limit", "7"});
  EXPECT_THAT(Logged([&] { settings.Adopt(Good(limited), true); }),
              HasSubstr("changed: lookup-limit, " + secret));
  EXPECT_EQ(settings.config().lookup_limit, 7);
  limited[3] = "/etc/other";
  EXPECT_THAT(
      Logged([&] { settings.Adopt(Good(limited), true); }),
      AllOf(HasSubstr("changed: pbx-http-token"), Not(HasSubstr(secret))));
}

TEST_F(RunningSettingsTest, AWarningIsLoggedOnceForAsLongAsItHolds) {
  RunningSettings settings = StartedWith({});
  EXPECT_THAT(Logged([&] {
                settings.Warn({"a", "b"});
              }),
              AllOf(HasSubstr(" a\n"), HasSubstr(" b\n")));
  EXPECT_THAT(Logged([&] { settings.Warn({"a", "b"}); }), IsEmpty());
  EXPECT_THAT(Examined(settings), ElementsAre("WARNING: a", "WARNING: b"));
  EXPECT_THAT(Logged([&] { settings.Warn({"b"}); }), IsEmpty());
  EXPECT_THAT(Logged([&] { settings.Warn({"a"}); }), HasSubstr(" a\n"));
}

}  // namespace
}  // namespace interlink::daemon
