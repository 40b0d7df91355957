#include "store/change_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace interlink::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Calls = std::vector<std::string>;

// A follower that notes its calls under `name`.
Follower Noting(Calls& calls, const std::string& name) {
  return {.on_commit =
              [&calls, name](Revision revision, const auto& changes) {
                calls.push_back(name + " takes " + std::to_string(revision) +
                                " of " + std::to_string(changes.size()));
              },
          .on_reset = [&calls, name] { calls.push_back(name + " reads anew"); },
          .tell = [&calls, name] { calls.push_back(name + " tells"); }};
}

TEST(ChangeFeedTest, AllTakeTheWholeCommitBeforeAnyTells) {
  ChangeFeed feed;
  Calls calls;
  const auto a = feed.Follow("a/", Noting(calls, "a"));
  const auto all = feed.Follow("", Noting(calls, "all"));
  feed.Publish(7, {Op::Put("a/1", "x"), Op::Delete("b/1"), Op::Delete("a/2")});
  EXPECT_THAT(calls, ElementsAre("a takes 7 of 2", "all takes 7 of 3",
                                 "a tells", "all tells"));
}

TEST(ChangeFeedTest, AFollowerOfOtherKeysIsNotCalled) {
  ChangeFeed feed;
  Calls calls;
  const auto a = feed.Follow("a/", Noting(calls, "a"));
  feed.Publish(1, {Op::Put("b/1", "x")});
  EXPECT_THAT(calls, IsEmpty());
}

TEST(ChangeFeedTest, AllReadAnewBeforeAnyTells) {
  ChangeFeed feed;
  Calls calls;
  const auto a = feed.Follow("a/", Noting(calls, "a"));
  const auto b = feed.Follow("b/", Noting(calls, "b"));
  feed.Reset();
  EXPECT_THAT(
      calls, ElementsAre("a reads anew", "b reads anew", "a tells", "b tells"));
}

TEST(ChangeFeedTest, TellIsOptional) {
  ChangeFeed feed;
  Calls calls;
  Follower quiet = Noting(calls, "a");
  quiet.tell = nullptr;
  const auto a = feed.Follow("", std::move(quiet));
  feed.Publish(1, {Op::Put("k", "x")});
  EXPECT_THAT(calls, ElementsAre("a takes 1 of 1"));
}

TEST(ChangeFeedTest, AFollowerThatEndsBeforeTheTellingIsSilent) {
  ChangeFeed feed;
  Calls calls;
  std::unique_ptr<Database::Subscription> second;
  Follower ends = Noting(calls, "first");
  ends.tell = [&second] { second.reset(); };
  const auto first = feed.Follow("", std::move(ends));
  second = feed.Follow("", Noting(calls, "second"));
  feed.Publish(1, {Op::Put("k", "x")});
  EXPECT_THAT(calls, ElementsAre("first takes 1 of 1", "second takes 1 of 1"));
}

TEST(ChangeFeedTest, ASubscriptionMayOutliveTheFeed) {
  auto feed = std::make_unique<ChangeFeed>();
  Calls calls;
  auto subscription = feed->Follow("", Noting(calls, "a"));
  feed.reset();
  subscription.reset();
  EXPECT_THAT(calls, IsEmpty());
}

TEST(ChangeFeedTest, AnEndedFollowerLetsGoOfWhatItHeld) {
  ChangeFeed feed;
  const auto held = std::make_shared<int>();
  auto subscription = feed.Follow(
      "", {.on_commit = [held](Revision, const auto&) {}, .on_reset = [] {}});
  EXPECT_EQ(held.use_count(), 2);
  subscription.reset();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace interlink::store
