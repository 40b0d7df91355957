// Decisions that wait for one batch, or for the one after it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "federation/ledger/interlink_update.h"
#include "tests/federation/linking/bare_ledger.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class LinkDecisionsTest : public BareLedger {
 protected:
  LinkDecisionsTest() {
    for (const char letter : {'a', 'b', 'c'}) {
      Insert(Entered(Key(letter, letter), std::string(1, letter)));
    }
    disk_.sync_takes = [] { return std::chrono::milliseconds(100); };
  }

  void Rename(char row, const std::string& name) {
    api::UpdateInterlinkRequest request;
    request.mutable_interlink()->set_id(IdOf<store::InterlinkId>(row).ToHex());
    request.mutable_interlink()->set_name(name);
    request.mutable_update_mask()->add_paths("name");
    UpdateInterlink(*ledger_, request, [this](const auto& row_now) {
      Answered(row_now.status());
    });
  }
  void Raise(char row) {
    const auto id = IdOf<store::InterlinkId>(row);
    ledger_->Submit(
        Subject::Link(id),
        [this, id](Transaction& transaction) {
          const Row& now = *interlinks().Find(id);
          store::v1::InterlinkRecord record = now.record;
          record.set_priority(record.priority() + 1);
          transaction.Update(now, record);
          return absl::OkStatus();
        },
        [this](const absl::Status& status) { Answered(status); });
  }
  void Answered(const absl::Status& status) {
    const auto reason = ReasonOf(status);
    answers_.push_back(reason ? std::string(ReasonName(*reason)) : "OK");
  }

  std::vector<std::string> answers_;
};

TEST_F(LinkDecisionsTest, TwoRowsDoNotGetOneName) {
  Rename('a', "new");
  Rename('b', "new");
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(answers_, ElementsAre("OK", "NAME_TAKEN"));
  EXPECT_THAT(Names(), ElementsAre("new", "b", "c"));
}

TEST_F(LinkDecisionsTest, TwoChangesOfOneLinkAtOnceBothHold) {
  Raise('a');
  Raise('a');
  Rename('a', "new");
  Raise('a');
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(answers_, AllOf(SizeIs(4), Each("OK")));
  EXPECT_EQ(Named("new").record.priority(), kDefaultPriority + 3);
}

TEST_F(LinkDecisionsTest, ChangesOfSeveralLinksCostOneSync) {
  const int before = disk_.log_syncs();
  for (const char row : {'a', 'b', 'c'}) Raise(row);
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(answers_, AllOf(SizeIs(3), Each("OK")));
  EXPECT_EQ(disk_.log_syncs(), before + 1);
}

TEST_F(LinkDecisionsTest, NothingIsSeenOrAnsweredBeforeItIsStored) {
  Rename('a', "new");
  time_.Advance(std::chrono::milliseconds(90));
  EXPECT_THAT(answers_, SizeIs(0));
  EXPECT_EQ(interlinks().FindByName("new"), nullptr);
  time_.Advance(std::chrono::milliseconds(20));
  EXPECT_THAT(answers_, ElementsAre("OK"));
  EXPECT_NE(interlinks().FindByName("new"), nullptr);
}

TEST_F(LinkDecisionsTest, PeersDoNotTakeThePlacesOfTheAdministrator) {
  for (size_t i = 0; i < Decisions::kMostWaiting; ++i) {
    ledger_->Submit(
        Subject::NoLink().ForPeer(),
        [](Transaction&) { return absl::OkStatus(); },
        [](const absl::Status&) {});
  }
  for (size_t i = 0; i < Decisions::kKeptFromPeers; ++i) Raise('a');
  time_.Advance(std::chrono::minutes(2));
  EXPECT_THAT(answers_, AllOf(SizeIs(Decisions::kKeptFromPeers), Each("OK")));
}

TEST_F(LinkDecisionsTest, OneTaskOfTheLoopMakesSoManyDecisionsOnly) {
  size_t decided = 0;
  for (size_t i = 0; i < Decisions::kMostWaiting; ++i) {
    ledger_->Submit(
        [&decided](const Draft&) {
          ++decided;
          return Changes();
        },
        [this](const absl::Status& status) { Answered(status); });
  }
  time_.AdvanceUntil([&] { return decided > 0; }, std::chrono::seconds(1));
  EXPECT_LE(decided, Decisions::kEnoughChanges / Decisions::kCostOfDecision);
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(answers_, SizeIs(Decisions::kMostWaiting));
}

// What a step of a restore does to the generation is only in its last commit.
TEST_F(LinkDecisionsTest, ATransactionMayKeepTheGeneration) {
  const uint64_t before = ledger_->generation().count();
  for (const bool keeps : {true, false}) {
    Transaction transaction(time_.WallNow());
    if (keeps) transaction.KeepGeneration();
    transaction.Erase(Named(keeps ? "a" : "b"));
    ASSERT_THAT(ledger_->CommitAtStart(transaction.Take()), testing::IsOk());
    EXPECT_EQ(ledger_->generation().count() > before, !keeps);
  }
}

}  // namespace
}  // namespace interlink::federation
