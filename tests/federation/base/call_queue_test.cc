#include "federation/base/call_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace interlink::federation {
namespace {

using ::testing::ElementsAre;

class CallQueueTest : public ::testing::Test {
 protected:
  bool Add(int call, bool begins = true) {
    return queue_.Add([this, call, begins] {
      begun_.push_back(call);
      return begins;
    });
  }

  CallQueue queue_{2, 3};
  std::vector<int> begun_;
};

TEST_F(CallQueueTest, OthersWaitUntilACallEnds) {
  for (int call : {1, 2, 3, 4}) EXPECT_TRUE(Add(call));
  EXPECT_THAT(begun_, ElementsAre(1, 2));
  queue_.Ended();
  EXPECT_THAT(begun_, ElementsAre(1, 2, 3));
  queue_.Ended();
  queue_.Ended();
  EXPECT_THAT(begun_, ElementsAre(1, 2, 3, 4));
}

TEST_F(CallQueueTest, AStartThatNeedsNoCallTakesNoPlace) {
  for (int call : {1, 2}) EXPECT_TRUE(Add(call));
  EXPECT_TRUE(Add(3, /*begins=*/false));
  EXPECT_TRUE(Add(4));
  queue_.Ended();
  EXPECT_THAT(begun_, ElementsAre(1, 2, 3, 4));
}

TEST_F(CallQueueTest, TooManyWaitingCallsAreRefused) {
  for (int call : {1, 2, 3, 4, 5}) EXPECT_TRUE(Add(call));
  EXPECT_FALSE(Add(6));
  queue_.Ended();
  EXPECT_TRUE(Add(6));
}

}  // namespace
}  // namespace interlink::federation
