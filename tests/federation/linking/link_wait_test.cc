#include <gtest/gtest.h>

#include "federation/base/settings.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

TEST(LinkWaitTest, AnAnswerComesHalfASecondBeforeTheDeadline) {
  EXPECT_EQ(LinkWait(3s), 2500ms);
  EXPECT_EQ(LinkWait(1s), 500ms);
  EXPECT_EQ(LinkWait(24h), 1h - 500ms);
}

// Most links take some milliseconds.
TEST(LinkWaitTest, AShortDeadlineIsHalfUsed) {
  EXPECT_EQ(LinkWait(400ms), 200ms);
  EXPECT_EQ(LinkWait(20ms), 10ms);
  EXPECT_LE(LinkWait(-5ms), 0ms);
}

}  // namespace
}  // namespace interlink::federation
