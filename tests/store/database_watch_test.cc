// What every engine promises of Watch().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/database.h"
#include "tests/store/database_fixture.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DatabaseWatchTest : public DatabaseTest {};

TEST_P(DatabaseWatchTest, AWatcherHasSeenTheChangeWhenCommitReturns) {
  const auto watch = database_->Watch("t/", database_->revision(), Tell());
  ASSERT_THAT(watch, IsOk());
  MustCommit({Op::Put("t/b", "1"), Op::Put("t/a", "1"), Op::Put("u", "1")});
  EXPECT_THAT(told_, ElementsAre("t/b=1", "t/a=1"));
  MustCommit({Op::Delete("t/a")});
  EXPECT_THAT(told_, ElementsAre("t/b=1", "t/a=1", "t/a gone"));
}

TEST_P(DatabaseWatchTest, AWatcherReadsWhatItIsToldOf) {
  std::string read;
  const auto watch =
      database_->Watch("t/", database_->revision(), [&](const Change& change) {
        read = Value(change.key);
        EXPECT_EQ(change.revision, database_->revision());
      });
  Put("t/a", "1");
  EXPECT_EQ(read, "1");
}

TEST_P(DatabaseWatchTest, AWatcherIsFirstToldWhatItMissed) {
  Put("t/a", "1");
  const Revision from = Put("t/b", "1");
  Put("t/c", "1");
  MustCommit({Op::Delete("t/a")});
  const auto watch = database_->Watch("t/", from, Tell());
  ASSERT_THAT(watch, IsOk());
  EXPECT_THAT(told_, ElementsAre("t/c=1", "t/a gone"));
  Put("t/d", "1");
  EXPECT_THAT(told_, ElementsAre("t/c=1", "t/a gone", "t/d=1"));
}

TEST_P(DatabaseWatchTest, ChangesBeforeTheOpeningAreOutOfRange) {
  const Revision first = Put("t/a", "1");
  Put("t/b", "1");
  Reopen();
  EXPECT_THAT(database_->Watch("", first, Tell()),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(database_->Watch("", database_->revision(), Tell()), IsOk());
}

TEST_P(DatabaseWatchTest, AnEndedWatchIsSilent) {
  auto watch = database_->Watch("", database_->revision(), Tell());
  ASSERT_THAT(watch, IsOk());
  watch->reset();
  Put("t/a", "1");
  EXPECT_THAT(told_, IsEmpty());
}

TEST_P(DatabaseWatchTest, AWatcherMayEndItself) {
  std::unique_ptr<Database::Subscription> watch;
  auto held = std::make_shared<std::string>("still here");
  auto started = database_->Watch(
      "", database_->revision(), [this, &watch, held](const Change& change) {
        watch.reset();
        told_.push_back(change.key + " " + *held);  // Captures are alive.
      });
  ASSERT_THAT(started, IsOk());
  watch = *std::move(started);
  MustCommit({Op::Put("t/a", "1"), Op::Put("t/b", "1")});
  EXPECT_THAT(told_, ElementsAre("t/a still here"));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_P(DatabaseWatchTest, AWatcherMayEndAnother) {
  std::unique_ptr<Database::Subscription> second;
  const auto first = database_->Watch(
      "", database_->revision(), [&second](const Change&) { second.reset(); });
  auto started = database_->Watch("", database_->revision(), Tell());
  ASSERT_THAT(started, IsOk());
  second = *std::move(started);
  Put("t/a", "1");
  Put("t/b", "1");
  EXPECT_THAT(told_, IsEmpty());
}

TEST_P(DatabaseWatchTest, AWatcherMayStartAnotherWhichIsToldOnce) {
  std::vector<std::unique_ptr<Database::Subscription>> more;
  const Revision before = database_->revision();
  const auto first = database_->Watch("", before, [&](const Change&) {
    if (!more.empty()) return;
    auto started = database_->Watch("", before, Tell());
    ASSERT_THAT(started, IsOk());
    more.push_back(*std::move(started));
  });
  MustCommit({Op::Put("t/a", "1"), Op::Put("t/b", "1")});
  EXPECT_THAT(told_, ElementsAre("t/a=1", "t/b=1"));
  Put("t/c", "1");
  EXPECT_THAT(told_, ElementsAre("t/a=1", "t/b=1", "t/c=1"));
}

TEST_P(DatabaseWatchTest, AWatcherCannotCommit) {
  absl::Status status;
  const auto watch =
      database_->Watch("", database_->revision(), [&](const Change&) {
        status = database_->Commit({}, {Op::Put("t/b", "1")}).status();
      });
  Put("t/a", "1");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Value("t/b"), "(none)");
}

TEST_P(DatabaseWatchTest, ASubscriptionMayOutliveTheDatabase) {
  auto watch = database_->Watch("", database_->revision(), Tell());
  ASSERT_THAT(watch, IsOk());
  database_.reset();
  watch->reset();
  EXPECT_THAT(told_, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseWatchTest, AllEngines(), NameOf);

}  // namespace
}  // namespace interlink::store
