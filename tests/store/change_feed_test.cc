#include "store/change_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Keys = std::vector<std::string>;

Database::Watcher Into(Keys& keys) {
  return [&keys](const Change& change) { keys.push_back(change.key); };
}

TEST(ChangeFeedTest, ChangesBeforeItsTimeAreUnknown) {
  ChangeFeed feed(7);
  Keys seen;
  EXPECT_THAT(feed.Watch("", 6, Into(seen)),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("scan")));
  EXPECT_THAT(feed.Watch("", 7, Into(seen)), IsOk());
}

TEST(ChangeFeedTest, TheOldestAreForgottenBeyondTheGreatestCount) {
  ChangeFeed feed(0);
  const Revision last = ChangeFeed::kMaxChanges + 1;
  for (Revision i = 1; i <= last; ++i) {
    feed.Publish(i, {Op::Put("k" + std::to_string(i), "v")});
  }
  Keys seen;
  EXPECT_THAT(feed.Watch("", 0, Into(seen)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(seen, IsEmpty());
  EXPECT_THAT(feed.Watch("", 1, Into(seen)), IsOk());
  EXPECT_EQ(seen.size(), ChangeFeed::kMaxChanges);
}

TEST(ChangeFeedTest, TheOldestAreForgottenBeyondTheGreatestSize) {
  ChangeFeed feed(0);
  const std::string big(ChangeFeed::kMaxBytes / 2, 'x');
  for (Revision i = 1; i <= 3; ++i) feed.Publish(i, {Op::Put("k", big)});
  Keys seen;
  EXPECT_THAT(feed.Watch("", 1, Into(seen)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(feed.Watch("", 2, Into(seen)), IsOk());
  EXPECT_THAT(seen, ElementsAre("k"));
}

TEST(ChangeFeedTest, ACommitThatIsPartlyForgottenIsNotTold) {
  ChangeFeed feed(0);
  std::vector<Op> ops;
  for (size_t i = 0; i <= ChangeFeed::kMaxChanges; ++i) {
    ops.push_back(Op::Put("k" + std::to_string(i), "v"));
  }
  Keys live;
  const auto watch = feed.Watch("", 0, Into(live));
  feed.Publish(1, ops);
  EXPECT_EQ(live.size(), ops.size());  // Who was there has seen it all.
  Keys late;
  EXPECT_THAT(feed.Watch("", 0, Into(late)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(late, IsEmpty());
}

TEST(ChangeFeedTest, ASubscriptionMayOutliveTheFeed) {
  auto feed = std::make_unique<ChangeFeed>(0);
  Keys seen;
  auto watch = feed->Watch("", 0, Into(seen));
  feed.reset();
  EXPECT_THAT(watch, IsOk());
  watch->reset();
}

TEST(ChangeFeedTest, AnEndedWatcherLetsGoOfWhatItHeld) {
  ChangeFeed feed(0);
  const auto held = std::make_shared<int>();
  auto watch = feed.Watch("", 0, [held](const Change&) {});
  EXPECT_EQ(held.use_count(), 2);
  watch->reset();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace interlink::store
