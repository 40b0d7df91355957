#include "federation/ledger/transaction.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::IsOk;
using ::testing::Not;
using testing::Refuses;

class TransactionTest : public ::testing::Test {
 protected:
  void Add(const std::string& name) {
    ASSERT_THAT(mike_.GenerateKey(name), IsOk());
  }
  Interlinks& interlinks() { return mike_.account().interlinks(); }
  const Row& RowNamed(const std::string& name) {
    return *interlinks().FindByName(name);
  }
  Transaction Begin() { return Transaction(time_.WallNow()); }
  void Commit(Transaction& transaction) {
    ASSERT_THAT(mike_.account().ledger().CommitAtStart(transaction.Take()),
                IsOk());
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount mike_{time_, network_, "Mike"};
};

TEST_F(TransactionTest, ATombstoneKeepsNoSecret) {
  const std::string key = *mike_.GenerateKey("a");
  const Row listed = RowNamed("a");
  store::v1::InterlinkRecord record = listed.record;
  record.mutable_issued_key()->set_answer("of the link");
  record.mutable_entered_key()->set_key("entered");
  record.mutable_entered_key()->set_proof_key("proves that it was entered");
  Transaction change = Begin();
  change.Update(listed, record);
  Commit(change);
  const Row row = RowNamed("a");
  ASSERT_FALSE(row.record.issued_key().text().empty());
  Transaction transaction = Begin();
  transaction.Bury(row, store::v1::REMOVAL_CAUSE_DELETED_HERE);
  EXPECT_TRUE(transaction.Touches(row.id));
  Commit(transaction);
  EXPECT_EQ(interlinks().Find(row.id), nullptr);
  auto tombstone = *interlinks().FindTombstone(row.id);
  ASSERT_TRUE(tombstone);
  EXPECT_EQ(tombstone->removal().last_state(), store::v1::ROW_STATE_PENDING);
  EXPECT_EQ(tombstone->issued_key().text(), "");
  EXPECT_EQ(tombstone->issued_key().answer(), "");
  EXPECT_EQ(tombstone->entered_key().key(), "");
  // What they prove is kept.
  EXPECT_FALSE(tombstone->issued_key().proof_key().empty());
  EXPECT_FALSE(tombstone->entered_key().proof_key().empty());
}

TEST_F(TransactionTest, AnErasedRowLeavesNoTrace) {
  Add("a");
  const Row row = RowNamed("a");
  Transaction transaction = Begin();
  EXPECT_TRUE(transaction.IsEmpty());
  transaction.Erase(row);
  EXPECT_FALSE(transaction.IsEmpty());
  Commit(transaction);
  EXPECT_FALSE(*interlinks().FindTombstone(row.id));
  EXPECT_EQ(interlinks().FindByName("a"), nullptr);
}

TEST_F(TransactionTest, ANameMayPassFromOneRowToAnotherInOneCommit) {
  Add("a");
  Add("b");
  const Row a = RowNamed("a");
  const Row b = RowNamed("b");
  auto swapped_a = a.record;
  auto swapped_b = b.record;
  swapped_a.set_name("b");
  swapped_b.set_name("a");
  Transaction transaction = Begin();
  transaction.Update(a, swapped_a);
  transaction.Update(b, swapped_b);
  Commit(transaction);
  EXPECT_EQ(interlinks().FindByName("a")->id, b.id);
  EXPECT_EQ(interlinks().FindByName("b")->id, a.id);
}

}  // namespace
}  // namespace interlink::federation
