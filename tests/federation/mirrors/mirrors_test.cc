#include "federation/mirrors/mirrors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "federation/base/settings.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using testing::IsOk;
using testing::Refuses;

store::InterlinkId Id(char c) {
  return *store::InterlinkId::FromBytes(std::string(16, c));
}

store::InternalNumber Number(int number) {
  return *store::InternalNumber::Parse(std::to_string(number));
}

class MirrorsTest : public ::testing::Test {
 protected:
  void AddLink(char c) {
    auto peer = std::make_shared<LinkedPeer>();
    peer->id = Id(c);
    peer->name = std::string(1, c);
    mirrors_.SetLink(Id(c), peer);
  }
  // The beginning of a snapshot: `count` numbers from `first` on.
  static v1::DirectoryPart Begin(int first, int count,
                                 const std::string& name = "name") {
    v1::DirectoryPart part;
    part.set_begins_snapshot(true);
    AddEntries(first, count, name, part);
    return part;
  }
  static void AddEntries(int first, int count, const std::string& name,
                         v1::DirectoryPart& part) {
    for (int i = first; i < first + count; ++i) {
      auto& entry = *part.add_entries();
      entry.set_number(std::to_string(i));
      entry.set_name(name);
    }
  }
  // A whole snapshot of `count` numbers from `first` on.
  absl::Status Load(char c, int first, int count,
                    const std::string& name = "name") {
    return Finish(c, Begin(first, count, name));
  }
  // Sends `part` as the last one of a snapshot.
  absl::Status Finish(char c, v1::DirectoryPart part) {
    DirectoryPosition position{.sequence = ++sequence_};
    for (const v1::DirectoryEntry& entry : part.entries()) {
      position.digest += EntryDigest(entry.number(), entry.name(), "");
      ++position.count;
    }
    *part.mutable_directory() = ToProto(position);
    const absl::Status status = mirrors_.Apply(Id(c), part);
    mirrors_.Confirm(Id(c), position);
    return status;
  }
  size_t Found(int number) {
    return mirrors_.Find(Number(number)).fresh.size();
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  Mirrors mirrors_{loop_, {.per_link = 100'000, .in_all = 200'000}};
  uint64_t sequence_ = 0;
};

TEST_F(MirrorsTest, ANumberIsFoundAtEveryLinkThatHasIt) {
  AddLink('a');
  AddLink('b');
  ASSERT_THAT(Load('a', 100, 10), IsOk());
  ASSERT_THAT(Load('b', 105, 10), IsOk());
  EXPECT_EQ(Found(104), 1u);
  EXPECT_EQ(Found(105), 2u);
  EXPECT_EQ(Found(115), 0u);
  EXPECT_TRUE(mirrors_.Find(Number(115)).not_in_step.empty());
}

TEST_F(MirrorsTest, WhatIsBehindThePositionThatThePeerNamesIsNotFresh) {
  AddLink('a');
  ASSERT_THAT(Load('a', 100, 10), IsOk());
  EXPECT_EQ(Found(105), 1u);
  mirrors_.Confirm(Id('a'), {.sequence = sequence_ + 1});
  EXPECT_EQ(Found(105), 0u);
  EXPECT_FALSE(mirrors_.IsInStep(Id('a')));
  EXPECT_EQ(mirrors_.Find(Number(105)).stale.size(), 1u);
}

TEST_F(MirrorsTest, NumbersThatSeveralLinksShareAreCountedOnce) {
  for (const char link : {'a', 'b', 'c'}) AddLink(link);
  ASSERT_THAT(Load('a', 100, 10), IsOk());
  EXPECT_EQ(mirrors_.shared(), 0u);
  ASSERT_THAT(Load('b', 105, 10), IsOk());
  EXPECT_EQ(mirrors_.shared(), 5u);
  ASSERT_THAT(Load('c', 100, 15), IsOk());
  EXPECT_EQ(mirrors_.shared(), 15u);
  ASSERT_THAT(Load('c', 100, 15), IsOk());  // Again.
  EXPECT_EQ(mirrors_.shared(), 15u);
  mirrors_.RemoveLink(Id('c'));
  time_.Advance(1s);
  EXPECT_EQ(mirrors_.shared(), 5u);
  mirrors_.RemoveLink(Id('a'));
  time_.Advance(1s);
  EXPECT_EQ(mirrors_.shared(), 0u);
}

TEST_F(MirrorsTest, ANewSnapshotTakesAwayWhatItDoesNotHave) {
  AddLink('a');
  AddLink('b');
  ASSERT_THAT(Load('b', 0, 30'000), IsOk());
  ASSERT_THAT(Load('a', 0, 30'000), IsOk());
  ASSERT_THAT(Load('a', 29'000, 10), IsOk());
  EXPECT_EQ(Found(5), 1u);
  EXPECT_EQ(Found(29'005), 2u);
  time_.Advance(1s);  // By and by, also from memory.
  EXPECT_EQ(mirrors_.size(), 30'010u);
}

TEST_F(MirrorsTest, ALinkThatIsGoneIsSweptAndItsPlaceIsUsedAgain) {
  AddLink('a');
  ASSERT_THAT(Load('a', 0, 25'000), IsOk());
  mirrors_.RemoveLink(Id('a'));
  EXPECT_EQ(Found(7), 0u);
  AddLink('b');  // Before the sweep.
  ASSERT_THAT(Load('b', 0, 10), IsOk());
  time_.Advance(1s);
  EXPECT_EQ(mirrors_.size(), 10u);
  EXPECT_EQ(Found(7), 1u);
  for (int i = 0; i < 100'000; ++i) {
    AddLink('c');
    mirrors_.RemoveLink(Id('c'));
    if (i % 1000 == 0) time_.Advance(1s);
  }
  AddLink('c');
  ASSERT_THAT(Load('c', 50, 1), IsOk());
  EXPECT_EQ(Found(50), 1u);
}

TEST_F(MirrorsTest, ALeaseEndsByItself) {
  AddLink('a');
  ASSERT_THAT(Load('a', 1, 1), IsOk());
  time_.Advance(std::chrono::seconds(kLease) - 1s);
  EXPECT_EQ(Found(1), 1u);
  EXPECT_EQ(mirrors_.in_step(), 1u);
  time_.Advance(1s);
  const MirrorFinding finding = mirrors_.Find(Number(1));
  EXPECT_TRUE(finding.fresh.empty());
  EXPECT_EQ(finding.stale.size(), 1u);
  EXPECT_THAT(finding.not_in_step, ::testing::ElementsAre(Id('a')));
  EXPECT_EQ(mirrors_.in_step(), 0u);
}

TEST_F(MirrorsTest, AMirrorIsOutOfStepUntilTheLastPartOfAChange) {
  AddLink('a');
  ASSERT_THAT(Load('a', 1, 2), IsOk());
  v1::DirectoryPart half;
  half.add_removed_numbers("1");
  ASSERT_THAT(mirrors_.Apply(Id('a'), half), IsOk());
  EXPECT_FALSE(mirrors_.IsInStep(Id('a')));
  EXPECT_EQ(mirrors_.Find(Number(1)).stale.size(), 0u);  // At once.
  v1::DirectoryPart rest;
  *rest.mutable_directory() =
      ToProto({.sequence = 9,
               .digest = EntryDigest(Number(2), "name", ""),
               .count = 1});
  ASSERT_THAT(mirrors_.Apply(Id('a'), rest), IsOk());
  EXPECT_TRUE(mirrors_.IsInStep(Id('a')));
}

TEST_F(MirrorsTest, ThereAreLimitsForOneLinkAndForAll) {
  mirrors_.SetLimits({.per_link = 10, .in_all = 15});
  AddLink('a');
  AddLink('b');
  EXPECT_THAT(Load('a', 0, 11), Refuses(Reason::kLimitReached));
  time_.Advance(1s);
  EXPECT_EQ(mirrors_.size(), 0u);
  EXPECT_THAT(Load('a', 0, 10), IsOk());
  EXPECT_THAT(Load('b', 0, 6), Refuses(Reason::kLimitReached));
  time_.Advance(1s);
  EXPECT_EQ(mirrors_.size(), 10u);
  EXPECT_THAT(Load('b', 0, 5), IsOk());
}

TEST_F(MirrorsTest, ASnapshotTakesNoMoreThanOneLinkMay) {
  mirrors_.SetLimits({.per_link = 10, .in_all = 1000});
  AddLink('a');
  ASSERT_THAT(Load('a', 0, 10), IsOk());
  v1::DirectoryPart part = Begin(100, 10);
  AddEntries(0, 10, "name", part);  // Which are there from before.
  EXPECT_THAT(mirrors_.Apply(Id('a'), part), Refuses(Reason::kLimitReached));
}

TEST_F(MirrorsTest, AFullMirrorIsReplacedByAnother) {
  mirrors_.SetLimits({.per_link = 10, .in_all = 1000});
  AddLink('a');
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Load('a', 100 * i, 10), IsOk());
    EXPECT_THAT(Load('a', 100 * i, 10, "another name"), IsOk());
    time_.Advance(1s);
    EXPECT_EQ(mirrors_.size(), 10u);
  }
}

TEST_F(MirrorsTest, SnapshotsThatNeverBecomeWholeDoNotPileUp) {
  mirrors_.SetLimits({.per_link = 10, .in_all = 1000});
  AddLink('a');
  for (int i = 0; i < 20; ++i) {
    mirrors_.Apply(Id('a'), Begin(100 * i, 10)).IgnoreError();
    time_.Advance(1s);
    EXPECT_LE(mirrors_.size(), 20u);
  }
}

TEST_F(MirrorsTest, WhatASnapshotReplacesIsSweptThoughSomeOfItIsNoNumber) {
  AddLink('a');
  ASSERT_THAT(Load('a', 0, 3), IsOk());
  v1::DirectoryPart part = Begin(0, 2);
  part.add_entries()->set_number("reception");
  ASSERT_THAT(Finish('a', part), IsOk());
  time_.Advance(1s);
  EXPECT_EQ(mirrors_.size(), 2u);
}

// RPC threads look while the loop loads, confirms and removes.
TEST_F(MirrorsTest, ReadersSeeAWholeWorldWhateverTheLoopDoes) {
  AddLink('a');
  ASSERT_THAT(Load('a', 0, 1000, "first"), IsOk());
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<int> looked{0};
  std::vector<std::thread> threads;
  threads.reserve(2);
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int number = 0; !stop; number = (number + 7) % 1000) {
        const auto finding = mirrors_.Find(Number(number));
        for (const MirrorHit& hit : finding.fresh) {
          wrong += hit.peer->id == Id('a') &&
                           (hit.name == "first" || hit.name == "second")
                       ? 0
                       : 1;
        }
        std::optional<Mirrors::Cursor> cursor;
        mirrors_.List(cursor, 3, nullptr);
        ++looked;
      }
    });
  }
  for (int round = 0; round < 50; ++round) {
    ASSERT_THAT(Load('a', 0, 1000, round % 2 == 0 ? "second" : "first"),
                IsOk());
    if (round % 10 == 9) {
      mirrors_.RemoveLink(Id('a'));
      AddLink('a');
    }
    const int seen = looked;
    while (looked == seen) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace interlink::federation
