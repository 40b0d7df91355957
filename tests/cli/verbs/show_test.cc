#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class ShowTest : public ::testing::Test {
 protected:
  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
  v1::Interlink& tim_ =
      daemon_.AddRow("Tim", "aaaaaaaa11111111aaaaaaaa11111111",
                     v1::INTERLINK_STATE_PENDING, v1::INDICATOR_GREY);
};

TEST_F(ShowTest, APauseOfAGreyRowIsSeen) {
  tim_.set_paused(true);
  ctl_.Run({"list"});
  EXPECT_THAT(ctl_.out, HasSubstr("waiting for its key, paused"));
  ctl_.Run({"show", "Tim"});
  EXPECT_THAT(ctl_.out, HasSubstr("Tim: waiting for its key, paused\n"));
  tim_.set_state(v1::INTERLINK_STATE_LINKING);
  ctl_.Run({"list"});
  EXPECT_THAT(ctl_.out, HasSubstr("linking, paused"));
}

TEST_F(ShowTest, TellsWhenThingsHappenedAndSinceWhenTheyAreSo) {
  tim_.set_state(v1::INTERLINK_STATE_ESTABLISHED);
  tim_.mutable_health_since_time()->set_seconds(Ctl::kNow - 120);
  tim_.mutable_last_answer_time()->set_seconds(Ctl::kNow - 3);
  tim_.mutable_establish_time()->set_seconds(Ctl::kNow - 7200);
  ctl_.Run({"show", "Tim"});
  EXPECT_THAT(ctl_.out, ContainsRegex("health +since [0-9:]+, 2 minutes ago"));
  EXPECT_THAT(ctl_.out, ContainsRegex("last answer +at [0-9:]+, 3 s ago"));
  EXPECT_THAT(ctl_.out, ContainsRegex("linked +at [0-9:]+, 2 hours ago"));
}

TEST_F(ShowTest, TheAddressAtLinkingIsLabelledByWhoDialled) {
  tim_.set_linked_from("10.0.0.9:7443");
  tim_.set_role(v1::INTERLINK_ROLE_ISSUER);
  ctl_.Run({"show", "Tim"});
  EXPECT_THAT(ctl_.out, ContainsRegex("linked from +10.0.0.9"));
  tim_.set_role(v1::INTERLINK_ROLE_REDEEMER);
  ctl_.Run({"show", "Tim"});
  EXPECT_THAT(ctl_.out, ContainsRegex("linked at +10.0.0.9"));
}

TEST_F(ShowTest, ARemovedRowIsShown) {
  v1::Interlink& old = daemon_.removed_rows.emplace_back();
  old.set_name("Old");
  old.set_state(v1::INTERLINK_STATE_REMOVED);
  EXPECT_EQ(ctl_.Run({"show", "Old"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("Old: removed\n"));
  EXPECT_EQ(ctl_.Run({"show", "Nobody"}), ExitCode::kNotFound);
}

}  // namespace
}  // namespace interlink::cli
