// A build for tests dies on demand. Other builds have no failpoints to test,
// and tests/e2e checks that of the programs.
#include "store/failpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ExitedWithCode;
using ::testing::HasSubstr;
using ::testing::KilledBySignal;

// Runs in a process of its own, the only one that is armed.
class FailpointTest : public ::testing::Test {
 protected:
  static absl::Status Arm(const char* how) {
    setenv("INTERLINK_FAILPOINT", how, /*overwrite=*/1);
    const absl::Status status = ArmFailpoint();
    unsetenv("INTERLINK_FAILPOINT");
    return status;
  }
  // Passes another failpoint, then one `times` times, and exits with 7.
  static void Run(const char* how, int times) {
    if (!Arm(how).ok()) std::_Exit(1);
    PassFailpoint("redeem/sent");
    for (int i = 0; i < times; ++i) PassFailpoint("redeem/answered");
    std::_Exit(7);
  }
};

TEST_F(FailpointTest, TheProcessDiesAtTheHitAskedForAndNotBefore) {
  const char* how = "redeem/answered:3:kill";
  EXPECT_EXIT(Run(how, 3), KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(Run(how, 2), ExitedWithCode(7), "");
}

TEST_F(FailpointTest, OnlyTheThreadAtTheFailpointHangs) {
  EXPECT_EXIT(
      {
        if (!Arm("redeem/answered:1:hang").ok()) std::_Exit(1);
        std::thread([] {
          PassFailpoint("redeem/answered");
          std::_Exit(2);
        }).detach();
        PassFailpoint("redeem/sent");
        std::_Exit(7);
      },
      ExitedWithCode(7), "");
}

TEST_F(FailpointTest, AnotherFailpointChangesNothing) {
  EXPECT_EXIT(Run("redeem/established:1:kill", 3), ExitedWithCode(7), "");
}

TEST_F(FailpointTest, NothingIsArmedWithoutTheVariable) {
  unsetenv("INTERLINK_FAILPOINT");
  EXPECT_THAT(ArmFailpoint(), IsOk());
  PassFailpoint("redeem/answered");
}

TEST_F(FailpointTest, ARefusalOfAnUnknownNameListsTheNames) {
  EXPECT_THAT(Arm("redeem/asked:1:kill"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"redeem/asked:1:kill\""),
                             HasSubstr("\n  redeem/answered"),
                             HasSubstr("\n  commit/synced"))));
}

TEST_F(FailpointTest, AnIncompleteSettingIsRefused) {
  for (const char* how :
       {"", "redeem/sent", "redeem/sent:", "redeem/sent:1",
        "redeem/sent:1:", "redeem/sent:0:kill", "redeem/sent:-1:kill",
        "redeem/sent:x:kill", "redeem/sent:1:end", "redeem/sent:1:kill:"}) {
    EXPECT_THAT(Arm(how), StatusIs(absl::StatusCode::kInvalidArgument)) << how;
  }
}

}  // namespace
}  // namespace interlink::store
