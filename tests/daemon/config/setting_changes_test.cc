// What a reload makes of settings that were read again.

#include "daemon/config/setting_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/config/settings_together.h"
#include "tests/daemon/config_fixture.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using interlink::testing::IsOk;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using SettingChangesTest = ConfigTest;

TEST_F(SettingChangesTest, WhatWaitsForARestartIsNamed) {
  const Config running = Good({"--http-listen", "127.0.0.1:9000"});
  EXPECT_THAT(WaitingForRestart(running, running), IsEmpty());
  EXPECT_THAT(WaitingForRestart(running, Good({"--http-listen", "none",
                                               "--lookup-limit", "7"})),
              ElementsAre(AllOf(HasSubstr("http-listen"), HasSubstr("none"),
                                HasSubstr("127.0.0.1:9000"))));
  EXPECT_THAT(WaitingForRestart(running, Good({})),
              ElementsAre("http-listen is \"127.0.0.1:9464\" in the new "
                          "settings; \"127.0.0.1:9000\" stays in force until a "
                          "restart"));
}

TEST_F(SettingChangesTest, WhatHasChangedIsNamed) {
  const Config before = Good({"--lookup-limit", "7"});
  EXPECT_EQ(ChangedSettings(before, before), "");
  EXPECT_EQ(ChangedSettings(before, Good({"--lookup-limit", "8"})),
            "lookup-limit");
  EXPECT_THAT(ChangedSettings(before, Good({"--http-listen", "none"})),
              AllOf(HasSubstr("http-listen"), HasSubstr(", "),
                    HasSubstr("lookup-limit")));
}

TEST_F(SettingChangesTest, WhatADoorDecidesWaitsForTheDoor) {
  const Config without = Good({});
  const Config with = Good({"--sip-listen", "127.0.0.1:5070"});
  Config opened = with;
  opened.KeepDoorsOf(without);
  EXPECT_EQ(opened.call_admission, "open");
  EXPECT_EQ(ChangedSettings(without, opened), "sip-listen, sip-allow");
  Config closed = Good({"--contact", "sip:99{number}@pbx.example.net"});
  closed.KeepDoorsOf(with);
  EXPECT_EQ(closed.call_admission, "token");
  EXPECT_THAT(CheckTogether(closed).ToText(), HasSubstr("call token"));
  KeepRulesOfDoors(with, with, closed);
  EXPECT_EQ(ChangedSettings(with, closed), "contact, sip-listen");
  EXPECT_THAT(WaitingForRestart(with, closed),
              ElementsAre("sip-listen is \"\" in the new settings; "
                          "\"127.0.0.1:5070\" stays in force until a restart, "
                          "with sip-allow as before"));
  // What was given for it is no matter of doors.
  Config given = Good({"--call-admission", "open"});
  given.KeepDoorsOf(with);
  EXPECT_EQ(given.call_admission, "open");
  EXPECT_TRUE(CheckTogether(given).empty());
}

// It goes on with what it was last told, and not with what it began with.
TEST_F(SettingChangesTest, ADoorThatStandsKeepsItsRules) {
  const std::string token = dir_.File("token");
  const Config start = Good({"--pbx-http-listen", "127.0.0.1:0"});
  const Config later =
      Good({"--pbx-http-listen", "127.0.0.1:0", "--pbx-http-allow",
            "10.0.0.0/24", "--pbx-http-token", token});
  Config closed = Good({});
  closed.KeepDoorsOf(start);
  KeepRulesOfDoors(start, later, closed);
  EXPECT_EQ(ChangedSettings(later, closed), "pbx-http-listen");
  EXPECT_EQ(closed.pbx_http_token, token);
  EXPECT_THAT(ReloadWarnings(later, closed), IsEmpty());
  // Once more, and then the door is wanted again.
  Config still_closed = Good({});
  still_closed.KeepDoorsOf(start);
  KeepRulesOfDoors(start, closed, still_closed);
  EXPECT_EQ(ChangedSettings(closed, still_closed), "");
  Config opened = later;
  KeepRulesOfDoors(start, still_closed, opened);
  EXPECT_EQ(ChangedSettings(still_closed, opened), "pbx-http-listen");
}

TEST_F(SettingChangesTest, ASecretThatIsNotAskedForAnyMoreIsWarnedOf) {
  const Config before = Good({"--pbx-http-listen", "127.0.0.1:0",
                              "--pbx-http-token", dir_.File("token")});
  const Config fresh = Good({"--pbx-http-listen", "127.0.0.1:0"});
  EXPECT_THAT(ReloadWarnings(before, fresh),
              ElementsAre(HasSubstr("--pbx-http-token is gone")));
  EXPECT_THAT(ReloadWarnings(fresh, before), IsEmpty());
}

TEST_F(SettingChangesTest, AFileThatIsEmptyAllOfASuddenIsRefused) {
  const std::string file = dir_.File("interlinkd.toml");
  const auto read = [&](const std::string& text) {
    std::ofstream(file, std::ios::trunc) << text;
    return Good({"--config", file});
  };
  const Config empty = read("# Nothing is set yet.\n");
  const Config full = read("lookup-limit = 7\n");
  EXPECT_THAT(CheckFileIsWhole(full, empty).ToString(),
              HasSubstr(file + " sets nothing, but set 1 setting before"));
  EXPECT_THAT(CheckFileIsWhole(empty, full), IsOk());
  EXPECT_THAT(CheckFileIsWhole(empty, empty), IsOk());
  EXPECT_THAT(CheckFileIsWhole(Good({}), Good({})), IsOk());
  // A setting counts although a flag has it, too.
  EXPECT_THAT(
      CheckFileIsWhole(full, Good({"--config", file, "--lookup-limit", "8"})),
      IsOk());
}

}  // namespace
}  // namespace interlink::daemon
