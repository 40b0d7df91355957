#include "federation/sessions/session_dialler.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "federation/base/reason.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

class SessionDiallerTest : public ::testing::Test,
                           private SessionDialler::Owner {
 protected:
  SessionDiallerTest() {
    EXPECT_THAT(mike_.GenerateKey("John"), IsOk());
    SetAddresses({"a.test:1", "b.test:1"});
  }
  const Row& row() { return *mike_.account().interlinks().FindByName("John"); }
  void SetAddresses(const std::vector<std::string>& addresses) {
    store::v1::InterlinkRecord record = row().record;
    record.set_state(store::v1::ROW_STATE_ESTABLISHED);
    *record.mutable_peer()->mutable_addresses() = {addresses.begin(),
                                                   addresses.end()};
    Transaction transaction(mike_.account().ledger().WallNow());
    transaction.Update(row(), record);
    EXPECT_THAT(mike_.account().ledger().CommitAtStart(transaction.Take()),
                IsOk());
  }
  void FailRound() {
    while (dialler_.TryNextAddress(row().id)) {
    }
    dialler_.DialAgain(row().id, Refusal(Reason::kPeerUnreachable, "no answer"),
                       false);
    dialled_.clear();
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount mike_{time_, network_, "Mike"};
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{1};
  LinkHealth health_{loop_, mike_.account().interlinks(),
                     mike_.account().counters(), mike_.account().removals(),
                     mike_.account().outbox()};
  SessionDialler dialler_{loop_, randomness_, mike_.account().interlinks(),
                          health_, *this};
  std::vector<std::string> dialled_;

 private:
  bool NeedsSession(store::InterlinkId /*id*/) const override { return true; }
  void Connect(const Row& /*row*/, const std::string& address) override {
    dialled_.push_back(address);
  }
};

TEST_F(SessionDiallerTest, EachAddressIsDialledInTurnAndThenAllAgain) {
  dialler_.Add(row(), 5s);
  time_.Advance(4s);
  EXPECT_THAT(dialled_, IsEmpty());
  time_.Advance(1s);
  EXPECT_THAT(dialled_, ElementsAre("a.test:1"));
  EXPECT_TRUE(dialler_.TryNextAddress(row().id));
  EXPECT_FALSE(dialler_.TryNextAddress(row().id));
  EXPECT_THAT(dialled_, ElementsAre("a.test:1", "b.test:1"));
  EXPECT_TRUE(dialler_.MayReach(row().id));
  FailRound();
  EXPECT_FALSE(dialler_.MayReach(row().id));
  time_.Advance(1s);
  EXPECT_THAT(dialled_, ElementsAre("a.test:1"));
}

TEST_F(SessionDiallerTest, OnlyOtherAddressesAreDialledOutOfTurn) {
  dialler_.Add(row(), 5s);
  dialler_.DialNewAddresses(row());
  time_.Advance(4s);
  EXPECT_THAT(dialled_, IsEmpty());
  time_.Advance(1s);
  for (int i = 0; i < 9; ++i) FailRound();
  dialler_.DialNewAddresses(row());
  time_.Advance(Duration::zero());
  EXPECT_THAT(dialled_, IsEmpty());
  SetAddresses({"c.test:1"});
  dialler_.DialNewAddresses(row());
  time_.Advance(Duration::zero());
  EXPECT_THAT(dialled_, ElementsAre("c.test:1"));
  EXPECT_TRUE(dialler_.MayReach(row().id));
}

}  // namespace
}  // namespace interlink::federation
