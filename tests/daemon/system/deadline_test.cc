#include "daemon/system/deadline.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using std::chrono::seconds;

class DeadlineTest : public ::testing::Test {
 protected:
  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  int missed_ = 0;
  Deadline deadline_{loop_, [this] { ++missed_; }};
};

TEST_F(DeadlineTest, IsMissedOnceWhenItsTimeHasCome) {
  deadline_.In(seconds(5));
  time_.Advance(seconds(5) - std::chrono::nanoseconds(1));
  EXPECT_EQ(missed_, 0);
  time_.Advance(seconds(60));
  EXPECT_EQ(missed_, 1);
}

TEST_F(DeadlineTest, MayBePutOffManyTimesWithOneTimer) {
  for (int i = 0; i < 100; ++i) {
    deadline_.In(seconds(5));
    EXPECT_EQ(time_.waiting(), 1u);
    time_.Advance(seconds(4));
  }
  EXPECT_EQ(missed_, 0);
  time_.Advance(seconds(1));
  EXPECT_EQ(missed_, 1);
}

TEST_F(DeadlineTest, MayBecomeEarlier) {
  deadline_.In(seconds(15));
  deadline_.In(seconds(5));
  time_.Advance(seconds(5));
  EXPECT_EQ(missed_, 1);
  time_.Advance(seconds(60));
  EXPECT_EQ(missed_, 1);
}

TEST_F(DeadlineTest, IsNotMissedWhileItIsOff) {
  deadline_.In(seconds(5));
  deadline_.Off();
  time_.Advance(seconds(60));
  EXPECT_EQ(missed_, 0);
  deadline_.In(seconds(5));
  deadline_.Off();
  deadline_.In(seconds(15));
  time_.Advance(seconds(14));
  EXPECT_EQ(missed_, 0);
  time_.Advance(seconds(1));
  EXPECT_EQ(missed_, 1);
}

TEST_F(DeadlineTest, IsNotMissedOnceItIsGone) {
  int missed = 0;
  {
    Deadline deadline(loop_, [&] { ++missed; });
    deadline.In(seconds(5));
  }
  time_.Advance(seconds(60));
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace interlink::daemon
