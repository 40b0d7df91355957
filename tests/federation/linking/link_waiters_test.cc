#include "federation/linking/link_waiters.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

class LinkWaitersTest : public ::testing::Test {
 protected:
  store::InterlinkId Add(const std::string& name) {
    EXPECT_THAT(mike_.GenerateKey(name), IsOk());
    return RowNamed(name).id;
  }
  const Row& RowNamed(const std::string& name) {
    return *mike_.account().interlinks().FindByName(name);
  }
  // The name of the row that comes as the answer, or the reason of a refusal.
  LinkWaiters::Done Note() {
    return [this](const LinkWaiters::Result& result) {
      answers_.push_back(
          result.ok() ? result->name()
                      : std::string(ReasonName(*ReasonOf(result.status()))));
    };
  }
  void Merge(const std::string& from, const std::string& into) {
    Transaction transaction(mike_.account().ledger().WallNow());
    transaction.Bury(RowNamed(from), store::v1::REMOVAL_CAUSE_MERGED,
                     RowNamed(into).id);
    ASSERT_THAT(mike_.account().ledger().CommitAtStart(transaction.Take()),
                IsOk());
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount mike_{time_, network_, "Mike"};
  testing::VirtualLoop loop_{time_};
  std::vector<std::string> answers_;
  LinkWaiters waiters_{mike_.account().interlinks(), loop_};
};

TEST_F(LinkWaitersTest, AWaiterGetsTheRowAsItStandsInTheEnd) {
  const auto id = Add("a");
  waiters_.Add(id, 5s, Note());
  ASSERT_THAT(mike_.Rename("a", "b"), IsOk());
  time_.Advance(4s);
  EXPECT_THAT(answers_, IsEmpty());
  time_.Advance(2s);
  EXPECT_THAT(answers_, ElementsAre("b"));
  EXPECT_THAT(waiters_.Take(id), IsEmpty());
}

TEST_F(LinkWaitersTest, EachIsAnsweredOnceAndInALaterTask) {
  const auto id = Add("a");
  waiters_.Add(id, 1s, Note());
  waiters_.Add(id, 9s, Note());
  time_.Advance(2s);
  EXPECT_THAT(answers_, ElementsAre("a"));
  waiters_.AnswerWithOutcome(id);
  EXPECT_THAT(answers_, ElementsAre("a"));
  time_.Advance(20s);
  EXPECT_THAT(answers_, ElementsAre("a", "a"));
}

TEST_F(LinkWaitersTest, ARowThatWasMergedIsTheOneThatStands) {
  const auto id = Add("a");
  Add("b");
  Merge("a", "b");
  EXPECT_EQ(waiters_.OutcomeOf(id)->name(), "b");
  ASSERT_THAT(mike_.Delete("b"), IsOk());
  EXPECT_THAT(waiters_.OutcomeOf(id).status(),
              testing::Refuses(Reason::kLinkTerminated));
}

TEST_F(LinkWaitersTest, NobodyWaitsAfterTheEnd) {
  const auto id = Add("a");
  waiters_.Add(id, 100s, Note());
  waiters_.End();
  waiters_.Add(id, 100s, Note());
  time_.Advance(1s);
  EXPECT_THAT(answers_, ElementsAre("a", "a"));
}

}  // namespace
}  // namespace interlink::federation
