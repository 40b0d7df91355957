// Decide, persist, then speak.
#include "federation/ledger/decisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "federation/ledger/ledger.h"
#include "store/rocksdb/database.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/crash_env.h"
#include "tests/support/seeded_randomness.h"
#include "tests/support/virtual_writer.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""ms;
using testing::CrashEnv;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Refuses;
using ::testing::SizeIs;

class DecisionsTest : public ::testing::Test {
 protected:
  DecisionsTest() {
    identity_ =
        *Identity::LoadOrCreate(*database_, randomness_, time_.WallNow());
    ledger_ = *Ledger::Open(*identity_, *database_, randomness_, loop_);
  }

  static Changes Putting(const std::string& key, const std::string& value) {
    return {.ops = {store::Op::Put(key, value)}, .events = {}};
  }
  static store::v1::EventRecord Event(const std::string& message) {
    return EventOf("TESTED", kByAdministrator, {}, message, {});
  }
  static std::string ValueIn(const Draft& draft, const std::string& key) {
    const auto entry = *draft.Get(key);
    return entry ? entry->value : "";
  }
  // Submits a decision to append `letter` to what `t/text` holds; the reply is
  // the text.
  void Append(const std::string& letter) {
    ledger_->Submit<std::string>(
        [this, letter](const Draft& draft) {
          decided_ += letter;
          const std::string text = ValueIn(draft, "t/text") + letter;
          return Decided<std::string>{text, Putting("t/text", text)};
        },
        [this](absl::StatusOr<std::string> reply) { Replied(reply); });
  }
  // Submits a decision to make `key`, which is refused if there is one.
  void Make(const std::string& key) {
    ledger_->Submit(
        [key](const Draft& draft) -> absl::StatusOr<Changes> {
          if (!*draft.Get(key)) return Putting(key, "1");
          return Refusal(Reason::kNameTaken, "there is one");
        },
        [this](const absl::Status& status) { Replied(status); });
  }
  template <class Reply>
  void Replied(const absl::StatusOr<Reply>& reply) {
    replies_.push_back(reply.ok() ? *reply : OutcomeOf(reply.status()));
  }
  void Replied(const absl::Status& status) {
    replies_.push_back(OutcomeOf(status));
  }
  static std::string OutcomeOf(const absl::Status& status) {
    const auto reason = ReasonOf(status);
    return reason ? std::string(ReasonName(*reason)) : status.ToString();
  }
  // "message xCOUNT", the newest first.
  std::vector<std::string> Events() {
    std::vector<std::string> events;
    const auto page = *ledger_->events().List({});
    for (const auto& event : page.events()) {
      events.push_back(event.message() + " x" + std::to_string(event.count()));
    }
    return events;
  }
  std::string Stored(const std::string& key) {
    const auto entry = *database_->Get(key);
    return entry ? entry->value : "";
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{1};
  CrashEnv disk_;
  Duration sync_ = 100ms;
  std::unique_ptr<store::Database> database_ = *store::OpenRocksDb(
      "/store", &disk_,
      testing::VirtualWriter::WorkplaceOf(
          time_, loop_, [this] { return sync_; }, [] { return 10ms; }));
  std::optional<Identity> identity_;
  std::unique_ptr<Ledger> ledger_;
  std::string decided_;
  std::vector<std::string> replies_;
};

TEST_F(DecisionsTest, AReplyFollowsTheCommit) {
  Append("a");
  time_.Advance(99ms);
  EXPECT_EQ(decided_, "a");
  EXPECT_EQ(Stored("t/text"), "");
  time_.Advance(10ms);  // Synced by now, and not told.
  EXPECT_EQ(Stored("t/text"), "");
  EXPECT_THAT(replies_, IsEmpty());
  time_.Advance(1ms);
  EXPECT_EQ(Stored("t/text"), "a");
  EXPECT_THAT(replies_, ElementsAre("a"));
}

TEST_F(DecisionsTest, EachIsOnWhatTheFormerLeaveAndAllCostOneSync) {
  const int before = disk_.log_syncs();
  std::string all;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    all += letter;
    Append({letter});
  }
  time_.Advance(110ms);
  ASSERT_THAT(replies_, SizeIs(26));
  EXPECT_EQ(replies_[1], "ab");
  EXPECT_EQ(replies_[25], all);
  EXPECT_EQ(Stored("t/text"), all);
  EXPECT_EQ(disk_.log_syncs(), before + 1);
}

TEST_F(DecisionsTest, WhatComesMeanwhileIsDecidedOnceTheBatchIsStored) {
  Append("a");
  time_.Advance(50ms);
  Append("b");
  Append("c");
  time_.Advance(59ms);
  EXPECT_EQ(decided_, "a");
  time_.Advance(1ms);
  EXPECT_EQ(decided_, "abc");
  EXPECT_THAT(replies_, ElementsAre("a"));
  time_.Advance(110ms);
  EXPECT_THAT(replies_, ElementsAre("a", "ab", "abc"));
}

TEST_F(DecisionsTest, ARefusalThatIsAboutAFormerDecisionWaitsForItsCommit) {
  Make("t/a");
  Make("t/a");
  time_.Advance(109ms);
  EXPECT_THAT(replies_, IsEmpty());
  time_.Advance(1ms);
  EXPECT_THAT(replies_, ElementsAre("OK", "NAME_TAKEN"));
}

TEST_F(DecisionsTest, WhatChangesNothingIsAnsweredWithoutTheDisk) {
  const int before = disk_.log_syncs();
  ledger_->Submit<std::string>(
      [](const Draft&) {
        return Decided<std::string>{"seen", {}};
      },
      [this](auto reply) { Replied(reply); });
  EXPECT_THAT(replies_, IsEmpty());  // Never from within Submit().
  time_.Advance(0ms);
  EXPECT_THAT(replies_, ElementsAre("seen"));
  EXPECT_EQ(disk_.log_syncs(), before);
}

TEST_F(DecisionsTest, AConflictHasAllDecidedAgain) {
  database_->Commit(store::Batch{{}, {store::Op::Put("t/text", "x")}},
                    [](auto) {});
  Append("a");
  Append("b");
  time_.Advance(1000ms);
  EXPECT_EQ(decided_, "abab");
  EXPECT_THAT(replies_, ElementsAre("xa", "xab"));
  EXPECT_EQ(Stored("t/text"), "xab");
}

TEST_F(DecisionsTest, OfALostCommitNothingIsKept) {
  Make("t/a");
  Make("t/a");
  ledger_->Submit([](const Draft&) { return Changes(); },
                  [this](const absl::Status& status) { Replied(status); });
  disk_.FailNextSync(CrashEnv::Failure::kNothingSynced);
  time_.Advance(110ms);
  // The second refusal, and the third reply, might have been about what the
  // first one changed.
  EXPECT_THAT(replies_, ElementsAre("STORE_UNAVAILABLE", "STORE_UNAVAILABLE",
                                    "STORE_UNAVAILABLE"));
  Append("a");
  time_.Advance(110ms);
  EXPECT_EQ(replies_.back(), "STORE_UNAVAILABLE");

  disk_.Restart();
  ASSERT_THAT(database_->Reopen(), IsOk());
  Make("t/a");
  time_.Advance(110ms);
  EXPECT_EQ(replies_.back(), "OK");
}

TEST_F(DecisionsTest, NothingIsRefusedWhileItIsUnknownWhatIsStored) {
  Make("t/a");
  disk_.FailNextSync(CrashEnv::Failure::kAllSynced);
  time_.Advance(110ms);
  const auto remove = [this] {
    ledger_->Submit(
        [](const Draft& draft) -> absl::StatusOr<Changes> {
          if (!*draft.Get("t/a")) {
            return Refusal(Reason::kNumberNotFound, "there is none");
          }
          return Changes{.ops = {store::Op::Delete("t/a")}, .events = {}};
        },
        [this](const absl::Status& status) { Replied(status); });
    time_.Advance(110ms);
  };
  remove();
  EXPECT_THAT(replies_, ElementsAre("STORE_UNAVAILABLE", "STORE_UNAVAILABLE"));
  disk_.Restart();
  ASSERT_THAT(database_->Reopen(), IsOk());
  remove();
  EXPECT_EQ(replies_.back(), "OK");
}

TEST_F(DecisionsTest, WhatNobodyWaitsForIsNotDecided) {
  Append("a");
  bool is_there = true;
  ledger_->Submit([](const Draft&) { return Putting("t/gone", "1"); },
                  [this](const absl::Status& status) { Replied(status); },
                  [&] { return is_there; });
  is_there = false;
  time_.Advance(110ms);
  EXPECT_THAT(replies_, ElementsAre("a", "CANCELLED: the caller is gone"));
  EXPECT_EQ(Stored("t/gone"), "");
}

TEST_F(DecisionsTest, WhatIsTooMuchIsDroppedWithTheRestWhenTheLedgerEnds) {
  for (size_t i = 0; i <= Decisions::kMostWaiting; ++i) {
    Make("t/" + std::to_string(i));
  }
  ledger_.reset();
  time_.Advance(1000ms);
  EXPECT_THAT(replies_, IsEmpty());
}

TEST_F(DecisionsTest, NoMoreThanABoundWaits) {
  for (size_t i = 0; i <= Decisions::kMostWaiting; ++i) {
    Make("t/" + std::to_string(i));
  }
  time_.Advance(0ms);
  EXPECT_THAT(replies_, ElementsAre("STORE_UNAVAILABLE"));
  time_.Advance(2000ms);
  EXPECT_THAT(replies_, SizeIs(Decisions::kMostWaiting + 1));
  EXPECT_EQ(replies_.back(), "OK");
}

TEST_F(DecisionsTest, ARefusalByItselfHoldsThoughTheCommitIsLost) {
  ledger_->Submit(
      [](const Draft&) -> absl::StatusOr<Changes> {
        return Refusal(Reason::kNameInvalid, "no name");
      },
      [this](const absl::Status& status) { Replied(status); });
  Make("t/a");
  disk_.FailNextSync(CrashEnv::Failure::kNothingSynced);
  time_.Advance(110ms);
  EXPECT_THAT(replies_, ElementsAre("NAME_INVALID", "STORE_UNAVAILABLE"));
}

TEST_F(DecisionsTest, EventsOfABatchFollowEachOther) {
  for (const char* message : {"a", "b", "b"}) {
    ledger_->Submit(
        [message](const Draft&) {
          return Changes{.ops = {}, .events = {Event(message)}};
        },
        [this](const absl::Status& status) { Replied(status); });
  }
  time_.Advance(110ms);
  EXPECT_THAT(replies_, ElementsAre("OK", "OK", "OK"));
  EXPECT_THAT(Events(), ElementsAre("b x2", "a x1"));
}

TEST_F(DecisionsTest, ABatchIsNoLargerThanTheStoreTakes) {
  const int before = disk_.log_syncs();
  for (int i = 0; i < 3; ++i) {
    ledger_->Submit(
        [i](const Draft&) {
          Changes changes;
          for (int part = 0; part < 90; ++part) {
            changes.ops.push_back(store::Op::Put(
                "t/" + std::to_string(i) + "/" + std::to_string(part),
                std::string(40'000, 'x')));
          }
          return changes;
        },
        [this](const absl::Status& status) { Replied(status); });
  }
  time_.Advance(1000ms);
  EXPECT_THAT(replies_, ElementsAre("OK", "OK", "OK"));
  EXPECT_EQ(disk_.log_syncs(), before + 2);
}

TEST_F(DecisionsTest, ADecisionBeyondTheLimitsIsRefusedAlone) {
  Make("t/a");
  ledger_->Submit(
      [](const Draft&) {
        return Putting("u", std::string(store::kMaxCommitBytes, 'x'));
      },
      [this](const absl::Status& status) { Replied(status); });
  Append("a");
  time_.Advance(1000ms);
  EXPECT_THAT(replies_, ElementsAre("OK", "STORE_UNAVAILABLE", "a"));
}

TEST_F(DecisionsTest, OneTaskOfTheLoopDecidesOnSoMuchOnly) {
  for (int i = 0; i < 2; ++i) {
    ledger_->Submit(
        [this, i](const Draft&) {
          decided_ += std::to_string(i);
          Changes changes;
          for (size_t part = 0; part < Decisions::kEnoughChanges; ++part) {
            changes.ops.push_back(
                store::Op::Put("t/" + std::to_string(part), ""));
          }
          return changes;
        },
        [this](const absl::Status& status) { Replied(status); });
  }
  time_.Advance(50ms);
  EXPECT_EQ(decided_, "0");
  time_.Advance(1000ms);
  EXPECT_THAT(replies_, ElementsAre("OK", "OK"));
}

TEST_F(DecisionsTest, OneTaskOfTheLoopTellsOfSoMuchOnly) {
  const Changes events{.ops = {}, .events = {100, Event("x")}};
  for (int i = 0; i < 10; ++i) {
    ledger_->Submit([events](const Draft&) { return events; },
                    [this](const absl::Status& status) { Replied(status); });
  }
  time_.Advance(150ms);
  EXPECT_THAT(replies_, SizeIs(2));
  time_.Advance(1000ms);
  EXPECT_THAT(replies_, SizeIs(10));
}

TEST_F(DecisionsTest, AReplyMayLeadToTheNextDecision) {
  ledger_->Submit([](const Draft&) { return Putting("t/a", "1"); },
                  [this](const absl::Status&) { Append("a"); });
  time_.Advance(1000ms);
  EXPECT_THAT(replies_, ElementsAre("a"));
}

TEST_F(DecisionsTest, WhatWaitsWhenTheLedgerEndsIsDropped) {
  Append("a");
  time_.Advance(50ms);
  Append("b");
  ledger_.reset();
  time_.Advance(1000ms);
  EXPECT_THAT(replies_, IsEmpty());
  // The first was on its way.
  EXPECT_EQ(Stored("t/text"), "a");
}

TEST_F(DecisionsTest, ADraftCountsWhatIsAddedAndWhatIsGone) {
  ASSERT_THAT(database_->Commit({}, {store::Op::Put("t/old", "1")}), IsOk());
  Draft draft(*database_);
  EXPECT_FALSE(draft.IsChanged());
  draft.Add(Putting("t/new", "1"));
  draft.Add(Putting("t/old", "2"));
  draft.Add(Putting("u/new", "1"));
  EXPECT_EQ(*draft.Growth("t/"), 1);
  draft.Add({.ops = {store::Op::Delete("t/old")}, .events = {}});
  EXPECT_EQ(*draft.Growth("t/"), 0);
  EXPECT_EQ(ValueIn(draft, "t/old"), "");
  draft.Add({.ops = {store::Op::Delete("t/new")}, .events = {}});
  EXPECT_EQ(*draft.Growth("t/"), -1);
  EXPECT_THAT(draft.Take().ops, SizeIs(3));
}

}  // namespace
}  // namespace interlink::federation
