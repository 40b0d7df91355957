#include "daemon/api/change_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/federation/reason_matcher.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using ::interlink::testing::IsOk;
using ::interlink::testing::Refuses;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::chrono_literals::operator""s;
using Journal = ChangeJournal<int>;

class ChangeJournalTest : public ::testing::Test {
 protected:
  static constexpr size_t kMost = 100;

  void Change(int from, int to) {
    for (int id = from; id <= to; ++id) observers_.Tell(id);
  }
  std::unique_ptr<Journal::Reader> Open() {
    return journal_.Open([this] { ++woken_; });
  }
  // All that is new to the reader.
  static std::vector<int> AllOf(Journal::Reader& reader) {
    std::vector<int> all;
    auto next = reader.Next();
    for (; next.ok() && *next; next = reader.Next()) all.push_back(**next);
    EXPECT_THAT(next, IsOk());
    return all;
  }

  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  federation::Observers<int> observers_;
  Journal journal_{loop_, observers_, kMost};
  int woken_ = 0;
};

TEST_F(ChangeJournalTest, EveryReaderHearsOfEachChangeSinceItCame) {
  const auto first = Open();
  Change(1, 2);
  const auto second = Open();
  Change(3, 3);
  EXPECT_THAT(AllOf(*first), ElementsAre(1, 2, 3));
  EXPECT_THAT(AllOf(*second), ElementsAre(3));
  EXPECT_THAT(AllOf(*first), IsEmpty());
}

TEST_F(ChangeJournalTest, WhatChangesAgainWaitsOnceAndAsTheLatest) {
  const auto reader = Open();
  Change(1, 3);
  Change(1, 1);
  EXPECT_THAT(AllOf(*reader), ElementsAre(2, 3, 1));
  Change(1, 1);
  EXPECT_THAT(AllOf(*reader), ElementsAre(1));
}

// "A viewer that opens many watches and never reads": they share what waits.
TEST_F(ChangeJournalTest, AThousandReadersWhoDoNotReadCostWhatOneCosts) {
  std::vector<std::unique_ptr<Journal::Reader>> readers;
  for (int i = 0; i < 1000; ++i) readers.push_back(Open());
  Change(1, 50);
  Change(1, 50);
  EXPECT_EQ(journal_.size(), 50u);
  Change(1, 5000);
  EXPECT_EQ(journal_.size(), kMost);
  readers.clear();
  EXPECT_EQ(journal_.size(), 0u);
}

TEST_F(ChangeJournalTest, WhoIsTooFarBehindHasToBeginAgainAndNobodyElse) {
  const auto slow = Open();
  const auto quick = Open();
  Change(1, 60);
  EXPECT_EQ(AllOf(*quick).size(), 60u);
  Change(61, kMost);
  EXPECT_EQ(AllOf(*quick).size(), 40u);
  Change(1, 1);  // Waits already.
  EXPECT_EQ(AllOf(*quick).size(), 1u);
  EXPECT_THAT(slow->Next(), IsOk());
  Change(kMost + 1, kMost + 1);
  EXPECT_THAT(slow->Next(), IsOk());
  Change(kMost + 2, kMost + 10);
  EXPECT_THAT(slow->Next().status(), Refuses(Reason::kLimitReached));
  EXPECT_THAT(slow->Next().status(), Refuses(Reason::kLimitReached));
  EXPECT_EQ(AllOf(*quick).size(), 10u);
  EXPECT_THAT(AllOf(*Open()), IsEmpty());
}

TEST_F(ChangeJournalTest, WhatIsPeekedAtIsStillToBeRead) {
  const auto reader = Open();
  EXPECT_EQ(*reader->Peek(), std::nullopt);
  Change(1, 2);
  EXPECT_EQ(*reader->Peek(), 1);
  EXPECT_EQ(journal_.size(), 2u);
  EXPECT_THAT(AllOf(*reader), ElementsAre(1, 2));
  Change(1, kMost + 1);
  EXPECT_THAT(reader->Peek().status(), Refuses(Reason::kLimitReached));
}

TEST_F(ChangeJournalTest, KeepsNothingThatAllHaveReadOrNobodyReads) {
  Change(1, 10);
  EXPECT_EQ(journal_.size(), 0u);
  const auto first = Open();
  auto second = Open();
  Change(1, 10);
  EXPECT_EQ(AllOf(*first).size(), 10u);
  EXPECT_EQ(journal_.size(), 10u);
  EXPECT_THAT(second->Next(), IsOk());
  EXPECT_EQ(journal_.size(), 9u);
  second.reset();
  EXPECT_EQ(journal_.size(), 0u);
}

// An import's chunk of 1000 numbers is one piece of news to a watch.
TEST_F(ChangeJournalTest, WakesEachReaderOnceForManyChanges) {
  const auto first = Open();
  const auto second = Open();
  Change(1, 90);
  time_.Advance(0s);
  EXPECT_EQ(woken_, 2);
  Change(1, 1);
  time_.Advance(0s);
  EXPECT_EQ(woken_, 4);
}

}  // namespace
}  // namespace interlink::daemon
