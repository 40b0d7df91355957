// Members of etcd that die, freeze, lose each other or come back as something
// else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/store/etcd/etcd_fixture.h"
#include "tests/store/etcd/slow_answers.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::SlowAnswers;
using interlink::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EtcdOutageTest : public EtcdTest {
 protected:
  std::string Snapshot() {
    std::string file = cluster_->File("snapshot");
    cluster_->Ctl("snapshot save " + file);
    return file;
  }
  // Opens the account so that only one member is asked for it.
  void OpenAt(const std::string& endpoint) {
    account_.endpoints = {endpoint};
    Open();
  }
  std::unique_ptr<EtcdDatabase> OpenElsewhere(const std::string& endpoint) {
    EtcdOptions options = account_;
    options.endpoints = {endpoint};
    auto opened = OpenEtcd(options, loop_.Workplace());
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  // Until it is taken: a new leader may have to be elected.
  void PutIn(EtcdDatabase& database, const std::string& key,
             const std::string& value) {
    EXPECT_TRUE(interlink::testing::Eventually([&] {
      RunPosted();
      return Commit(database, key, value).ok();
    }));
  }
  void CompactAll() {
    const std::string& endpoint = cluster_->endpoints()[0];
    const std::string status = cluster_->Ctl(
        "--endpoints=" + endpoint + " endpoint status --write-out=fields");
    const size_t at = status.find("\"Revision\" : ");
    ASSERT_NE(at, status.npos) << status;
    cluster_->Ctl("--endpoints=" + endpoint + " compact " +
                  std::to_string(std::stoll(status.substr(at + 13))));
  }
};

TEST_F(EtcdOutageTest, NothingAnsweredIsLostWhenTheMemberIsKilledInACommit) {
  Begin();
  for (size_t round = 0; round < 5; ++round) {
    const size_t first = answers_.size();
    for (size_t i = first; i < first + 20; ++i) {
      EtcdTest::Begin("k" + std::to_string(i), std::to_string(i));
    }
    RunUntilAnswered(first + 1 + round);
    cluster_->Kill(0);
    cluster_->Start(0);
    ASSERT_TRUE(RunUntilAnswered(first + 20));
    for (size_t i = first; i < first + 20; ++i) {
      const std::string value = Value("k" + std::to_string(i));
      EXPECT_EQ(value, answers_[i].ok() ? std::to_string(i) : "(none)");
    }
    ASSERT_TRUE(RunUntilMended());
  }
  const auto copy = database_->Scan("k");
  Open();
  ASSERT_EQ(copy->size(), database_->Scan("k")->size());
}

// Whether the transaction gets to etcd depends on the moment; either way the
// answer is true.
TEST_F(EtcdOutageTest, ACommitToAFrozenMemberIsSettledWhenItThaws) {
  Begin();
  const auto follows = database_->Follow("", Tell());
  ASSERT_THAT(Put("a", "1"), IsOk());
  cluster_->Freeze(0);
  EtcdTest::Begin("a", "2");
  EtcdTest::Begin("b", "waits");
  ASSERT_TRUE(RunUntilFailure());
  EXPECT_EQ(failures_, 1);
  EXPECT_THAT(database_->failure(), StatusIs(absl::StatusCode::kUnavailable,
                                             HasSubstr("STORE_UNAVAILABLE")));
  ASSERT_TRUE(RunUntilAnswered(1));  // The one that had not been sent.
  EXPECT_THAT(answers_[0], StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Value("a"), "1");  // Reading goes on.
  cluster_->Thaw(0);
  ASSERT_TRUE(RunUntilAnswered(2));
  ASSERT_TRUE(RunUntilMended());
  EXPECT_EQ(Value("a"), answers_[1].ok() ? "2" : "1");
  EXPECT_EQ(Value("b"), "(none)");
  EXPECT_EQ(told_.size(), answers_[1].ok() ? 2u : 1u);
  EXPECT_THAT(Put("a", "3"), IsOk());
}

TEST_F(EtcdOutageTest, ACommitWhoseAnswerIsLostIsSettledAsMade) {
  Begin();
  SlowAnswers way(cluster_->endpoints()[0]);
  OpenAt(way.endpoint());
  const auto follows = database_->Follow("", Tell());
  ASSERT_THAT(Put("a", "1"), IsOk());
  way.Hold();
  const std::string before = Raw(Name("a"), cluster_->endpoints()[0]);
  EtcdTest::Begin("a", "2");
  ASSERT_TRUE(RunUntilFailure());
  EXPECT_NE(Raw(Name("a"), cluster_->endpoints()[0]), before);
  EXPECT_EQ(answers_.size(), 0u);
  EXPECT_EQ(Value("a"), "1");
  way.Release();
  ASSERT_TRUE(RunUntilAnswered(1));
  EXPECT_THAT(answers_[0], IsOk());
  EXPECT_EQ(Value("a"), "2");
  EXPECT_THAT(told_, ElementsAre("1: a=1", "2: a=2"));
  ASSERT_TRUE(RunUntilMended());
  EXPECT_THAT(Put("a", "3"), IsOk());
}

TEST_F(EtcdOutageTest, ACommitThatNeverArrivedIsSettledAsNotMade) {
  Begin();
  const auto follows = database_->Follow("", Tell());
  ASSERT_THAT(Put("a", "1"), IsOk());
  cluster_->Kill(0);
  EtcdTest::Begin("a", "2");
  ASSERT_TRUE(RunUntilFailure());
  cluster_->Start(0);
  ASSERT_TRUE(RunUntilAnswered(1));
  EXPECT_THAT(answers_[0], StatusIs(absl::StatusCode::kUnavailable,
                                    HasSubstr("nothing was changed")));
  ASSERT_TRUE(RunUntilMended());
  EXPECT_EQ(Value("a"), "1");
  EXPECT_THAT(Put("a", "3"), IsOk());
  EXPECT_THAT(told_, ElementsAre("1: a=1", "2: a=3"));
}

TEST_F(EtcdOutageTest, DestroyingDoesNotWaitForAFrozenMember) {
  Begin();
  cluster_->Freeze(0);
  EtcdTest::Begin("a", "1");
  const auto begin = std::chrono::steady_clock::now();
  database_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_THAT(answers_, IsEmpty());
  cluster_->Thaw(0);
}

// gRPC alone would notice after 13 seconds.
TEST_F(EtcdOutageTest, TheWatchLeavesAMemberThatDoesNotAnswerACommit) {
  Begin({.members = 3});
  ASSERT_THAT(Put("k", "0"), IsOk());
  cluster_->Freeze(0);  // The one that is asked first.
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(PutAtLast("k", "1"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(12));
  cluster_->Thaw(0);
}

TEST_F(EtcdOutageTest, AnotherMemberIsAskedWhenOneDiesOrFreezes) {
  Begin({.members = 3});
  ASSERT_THAT(Put("k", "0"), IsOk());
  const size_t leader = cluster_->Leader();
  ASSERT_LT(leader, 3u);
  cluster_->Kill(leader);
  ASSERT_TRUE(PutAtLast("k", "1"));
  cluster_->Start(leader);
  ASSERT_TRUE(cluster_->AwaitAnswers());
  const size_t next = cluster_->Leader();
  ASSERT_LT(next, 3u);
  cluster_->Freeze(next);
  ASSERT_TRUE(PutAtLast("k", "2"));
  cluster_->Thaw(next);
  EXPECT_EQ(Value("k"), "2");
  Open();
  EXPECT_EQ(Value("k"), "2");
}

TEST_F(EtcdOutageTest, AMinorityTakesNoCommitAndSaysWhyUntilTheRestIsBack) {
  Begin({.members = 3});
  ASSERT_THAT(Put("k", "0"), IsOk());
  cluster_->Kill(1);
  cluster_->Kill(2);
  EtcdTest::Begin("k", "1");
  ASSERT_TRUE(RunUntilFailure());
  EXPECT_THAT(database_->failure(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("etcd at")));
  EXPECT_THAT(Put("k", "2"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Value("k"), "0");
  cluster_->Start(1);
  ASSERT_TRUE(RunUntilMended());
  ASSERT_TRUE(PutAtLast("k", "3"));
  EXPECT_EQ(Value("k"), "3");
  Open();
  EXPECT_EQ(Value("k"), "3");
}

TEST_F(EtcdOutageTest, AMemberThatHasLostTheOthersSaysSoThoughNothingIsAsked) {
  Begin({.members = 3});
  OpenAt(cluster_->endpoints()[0]);
  ASSERT_THAT(Put("k", "0"), IsOk());  // The watch has begun.
  cluster_->Kill(1);
  cluster_->Kill(2);
  ASSERT_TRUE(RunUntilFailure());
  EXPECT_THAT(database_->failure(), StatusIs(absl::StatusCode::kUnavailable,
                                             HasSubstr("most of its members")));
  cluster_->Start(1);
  ASSERT_TRUE(RunUntilMended());
}

TEST_F(EtcdOutageTest, AMemberThatIsTakenOutIsLeft) {
  Begin({.members = 3});
  ASSERT_THAT(Put("k", "0"), IsOk());
  // The member that is asked first.
  const std::string list = cluster_->Ctl("member list");
  const size_t at = list.find("m0");
  ASSERT_NE(at, list.npos) << list;
  const size_t line = list.rfind('\n', at) + 1;  // npos + 1 is 0.
  cluster_->Ctl("--endpoints=" + cluster_->endpoints()[1] + " member remove " +
                list.substr(line, list.find(',', line) - line));
  ASSERT_TRUE(PutAtLast("k", "1"));
  EXPECT_EQ(Value("k"), "1");
  EXPECT_THAT(database_->failure(), IsOk());
}

// Commits were compacted while the account could not see them.
TEST_F(EtcdOutageTest, WhatWasCompactedBeforeItWasSeenIsReadAnew) {
  Begin({.members = 3});
  OpenAt(cluster_->endpoints()[2]);
  const auto other = OpenElsewhere(cluster_->endpoints()[0]);
  ASSERT_THAT(Put("a", "1"), IsOk());
  ASSERT_THAT(Put("kept", "1"), IsOk());
  ASSERT_TRUE(loop_.RunUntil([&] { return other->revision() == 2; }));
  const auto follows = database_->Follow("", Tell());
  cluster_->Kill(2);
  PutIn(*other, "a", "2");
  PutIn(*other, "b", "1");
  CompactAll();
  cluster_->Start(2);
  ASSERT_TRUE(loop_.RunUntil([&] { return !told_.empty(); }));
  EXPECT_THAT(told_, ElementsAre("all anew"));
  EXPECT_EQ(Value("a"), "2");
  EXPECT_EQ(Value("b"), "1");
  EXPECT_EQ(Value("kept"), "1");
  EXPECT_EQ(database_->revision(), 4u);
  EXPECT_THAT(database_->failure(), IsOk());
  ASSERT_THAT(Put("c", "1"), IsOk());
  EXPECT_THAT(told_, ElementsAre("all anew", "5: c=1"));
}

// More than one message of etcd holds.
TEST_F(EtcdOutageTest, MuchThatWasNotSeenComesInWholeCommits) {
  Begin();
  SlowAnswers way(cluster_->endpoints()[0]);
  OpenAt(way.endpoint());
  const auto other = OpenElsewhere(cluster_->endpoints()[0]);
  std::vector<size_t> told;
  const auto follows =
      database_->Follow("", {.on_commit =
                                 [&](Revision, const auto& changes) {
                                   told.push_back(changes.size());
                                 },
                             .on_reset = [] {}});
  way.LeadTo("127.0.0.1:1");
  for (int i = 0; i < 4; ++i) {
    std::vector<Op> ops;
    for (int j = 0; j < 15; ++j) {
      ops.push_back(
          Op::Put("k" + std::to_string(j), std::string(kMaxValueBytes, 'x')));
    }
    bool is_made = false;
    other->Commit({{}, std::move(ops)},
                  [&](auto outcome) { is_made = outcome.ok(); });
    ASSERT_TRUE(loop_.RunUntil([&] { return is_made; }));
  }
  way.LeadTo(cluster_->endpoints()[0]);
  ASSERT_TRUE(loop_.RunUntil([&] { return database_->revision() == 4; }));
  EXPECT_THAT(told, ElementsAre(15u, 15u, 15u, 15u));
  EXPECT_EQ(Value("k14").size(), kMaxValueBytes);
}

// Nothing is left in etcd that would tell.
TEST_F(EtcdOutageTest, ACommitThatWasCompactedBeforeItWasSettledIsUnknown) {
  Begin({.members = 3});
  OpenAt(cluster_->endpoints()[2]);
  const auto other = OpenElsewhere(cluster_->endpoints()[0]);
  ASSERT_THAT(Put("a", "1"), IsOk());
  ASSERT_TRUE(loop_.RunUntil([&] { return other->revision() == 1; }));
  cluster_->Kill(2);
  EtcdTest::Begin("a", "2");
  PutIn(*other, "b", "1");
  PutIn(*other, "b", "2");
  CompactAll();
  cluster_->Start(2);
  ASSERT_TRUE(RunUntilAnswered(1));
  EXPECT_THAT(answers_[0], StatusIs(absl::StatusCode::kUnavailable,
                                    HasSubstr("unknown whether")));
  ASSERT_TRUE(RunUntilMended());
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(Value("b"), "2");
  EXPECT_THAT(Put("a", "3"), IsOk());
}

TEST_F(EtcdOutageTest, AnEtcdThatWasPutBackIsFound) {
  Begin();
  ASSERT_THAT(Put("a", "1"), IsOk());
  const std::string snapshot = Snapshot();
  ASSERT_THAT(Put("a", "2"), IsOk());
  cluster_->PutBack(snapshot);
  ASSERT_TRUE(loop_.RunUntil(
      [this] { return absl::IsFailedPrecondition(database_->failure()); }));
  EXPECT_THAT(std::string(database_->failure().message()),
              HasSubstr("put back to an older state or replaced"));
  EXPECT_THAT(database_->Get("a"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Put("a", "3"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("put back")));
  Open();
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(database_->revision(), 1u);
}

// Others have gone on with it, so that its revision is not below the one seen.
TEST_F(EtcdOutageTest, AnEtcdThatWasPutBackAndWentOnIsFound) {
  Begin({.members = 3});
  OpenAt(cluster_->endpoints()[2]);
  const std::string snapshot = Snapshot();
  ASSERT_THAT(Put("a", "1"), IsOk());
  cluster_->PutBack(snapshot, 2);
  const auto other = OpenElsewhere(cluster_->endpoints()[0]);
  for (int i = 0; i < 5; ++i) PutIn(*other, "b", "1");
  cluster_->Start(2);
  ASSERT_TRUE(loop_.RunUntil(
      [this] { return absl::IsFailedPrecondition(database_->failure()); }));
  EXPECT_THAT(std::string(database_->failure().message()),
              HasSubstr("its commit was another one"));
}

TEST_F(EtcdOutageTest, AnotherClusterInItsPlaceIsFound) {
  Begin();
  ASSERT_THAT(Put("a", "1"), IsOk());
  Cluster another;
  SlowAnswers way(cluster_->endpoints()[0]);
  OpenAt(way.endpoint());
  way.LeadTo(another.endpoints()[0]);
  ASSERT_TRUE(loop_.RunUntil(
      [this] { return absl::IsFailedPrecondition(database_->failure()); }));
  EXPECT_THAT(std::string(database_->failure().message()),
              HasSubstr("it is cluster "));
  EXPECT_THAT(Put("a", "2"), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace interlink::store
