// What the administrator has set on a row holds for the one that replaces it.

#include "federation/ledger/interlink_update.h"
#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

class ReplacementTest : public AccountsTest {
 protected:
  // John's account as it was before it was linked with Mike's.
  ReplacementTest() : before_(john.Snapshot()) {
    Link(mike, john);
    Advance(5s);
  }
  // John's store is lost, and his administrator enters a new key.
  void Relink(const std::string& key) {
    john.PutBack(before_, SimulatedAccount::GenerationFile::kPutBack);
    ASSERT_THAT(john.Rows(), IsEmpty());
    ASSERT_THAT(john.Link("Mike Brown", key), IsOk());
    Advance(5s);
    ASSERT_THAT(mike.Names(), ElementsAre("John, anew"));
    ASSERT_THAT(mike.EventKinds(), Contains("REPLACED"));
  }
  void Set(SimulatedAccount& account, const std::string& name,
           const std::string& path, const api::Interlink& wanted) {
    api::UpdateInterlinkRequest request;
    *request.mutable_interlink() = wanted;
    request.mutable_interlink()->set_id(account.Row(name)->id());
    request.mutable_update_mask()->add_paths(path);
    ASSERT_THAT(account.Update(request), IsOk());
  }
  // Of the newest event of this kind.
  std::string Told(const std::string& kind) {
    const auto log = *mike.account().events().List({});
    for (const api::Event& event : log.events()) {
      if (event.kind() == kind) return event.message();
    }
    return "";
  }
  void SetAll(SimulatedAccount& account, const std::string& name,
              const std::string& prefix, int priority,
              const std::string& address) {
    api::Interlink wanted;
    wanted.set_dial_prefix(prefix);
    wanted.set_priority(priority);
    wanted.set_manual_address(address);
    for (const char* path : {"dial_prefix", "priority", "manual_address"}) {
      Set(account, name, path, wanted);
    }
  }

 private:
  const std::string before_;
};

// What a session has told is kept in memory only.
TEST_F(ReplacementTest, ALostLinkIsReplacedThoughARestartHasForgottenIt) {
  // If each account had entered the other's key at once, the one of the smaller
  // id would keep the link that it has issued.
  const bool is_mike =
      mike.identity().account_id() < tim.identity().account_id();
  SimulatedAccount& smaller = is_mike ? mike : tim;
  SimulatedAccount& loser = is_mike ? tim : mike;
  const std::string before = loser.Snapshot();
  Link(smaller, loser);
  Advance(5s);
  loser.PutBack(before, SimulatedAccount::GenerationFile::kPutBack);
  Advance(2min);
  ASSERT_EQ(smaller.Row(loser.name())->health(),
            api::INTERLINK_HEALTH_ORPHANED);
  const auto key = loser.GenerateKey("anew");
  ASSERT_THAT(key, IsOk());
  loser.Crash();
  auto link = smaller.BeginLink("anew", *key);
  Advance(10s);
  smaller.Crash();
  network.Hold("Session", 99);
  loser.Start();
  smaller.Start();
  Advance(2min);
  network.Release();
  Advance(2min);
  ASSERT_THAT(smaller.Row("anew"), ::testing::Ne(std::nullopt));
  EXPECT_EQ(smaller.Row("anew")->indicator(), api::INDICATOR_GREEN);
  ASSERT_THAT(loser.Row("anew"), ::testing::Ne(std::nullopt));
  EXPECT_EQ(loser.Row("anew")->id(), smaller.Row("anew")->id());
}

// The other account loses it while the new key is being redeemed.
TEST_F(ReplacementTest, ALinkThatIsLostAfterTheKeyWasEnteredIsReplacedToo) {
  const bool is_mike =
      mike.identity().account_id() < tim.identity().account_id();
  SimulatedAccount& smaller = is_mike ? mike : tim;
  SimulatedAccount& loser = is_mike ? tim : mike;
  const auto key = loser.GenerateKey("by my key");
  ASSERT_THAT(key, IsOk());
  const std::string before = loser.Snapshot();
  network.Hold("Redeem", 1);
  smaller.BeginLink("entered", *key);
  ASSERT_THAT(loser.Link("lost", *smaller.GenerateKey("lost")), IsOk());
  loser.PutBack(before, SimulatedAccount::GenerationFile::kPutBack);
  network.Cut(loser, smaller);
  network.LoseAnswers("Redeem", 99);
  network.Release();
  ASSERT_TRUE(time.AdvanceUntil(
      [&] {
        return smaller.Row("lost")->health() == api::INTERLINK_HEALTH_ORPHANED;
      },
      2min));
  Advance(1s);
  ASSERT_EQ(smaller.Row("entered")->state(), api::INTERLINK_STATE_LINKING);
  smaller.Crash();
  network.LoseAnswers("Redeem", 0);
  network.Hold("Session", 99);
  smaller.Start();
  Advance(1min);
  network.Release();
  network.Mend(loser, smaller);
  Advance(2min);
  EXPECT_FALSE(smaller.Row("lost"));
  ASSERT_TRUE(smaller.Row("entered"));
  EXPECT_EQ(smaller.Row("entered")->indicator(), api::INDICATOR_GREEN);
  ASSERT_TRUE(loser.Row("by my key"));
  EXPECT_EQ(loser.Row("by my key")->id(), smaller.Row("entered")->id());
}

TEST_F(ReplacementTest, ALinkTakesOverTheSettingsOfTheOneThatItReplaces) {
  SetAll(mike, "John Smith", "8", 10, john.address());
  const auto key = mike.GenerateKey("John, anew");
  ASSERT_THAT(key, IsOk());
  Relink(*key);
  const auto row = *mike.Row("John, anew");
  EXPECT_EQ(row.dial_prefix(), "8");
  EXPECT_EQ(row.priority(), 10);
  EXPECT_EQ(row.manual_address(), john.address());
  EXPECT_FALSE(row.paused());
  EXPECT_EQ(Told("REPLACED"),
            "replaced by a new link with the same account, which takes over: "
            "prefix 8, priority 10, address " +
                john.address());
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(2s);
  EXPECT_EQ(mike.Resolve("8201")->routes(0).number(), "201");
}

TEST_F(ReplacementTest, ALinkKeepsTheSettingsThatItWasGiven) {
  SetAll(mike, "John Smith", "8", 10, "198.51.100.7:7443");
  const auto key = mike.GenerateKey("John, anew");
  ASSERT_THAT(key, IsOk());
  SetAll(mike, "John, anew", "9", 30, john.address());
  Relink(*key);
  const auto row = *mike.Row("John, anew");
  EXPECT_EQ(row.dial_prefix(), "9");
  EXPECT_EQ(row.priority(), 30);
  EXPECT_EQ(row.manual_address(), john.address());
  EXPECT_EQ(Told("REPLACED"),
            "replaced by a new link with the same account; the prefix 8 is "
            "free now, because the new link has the prefix 9");
}

TEST_F(ReplacementTest, ALinkTakesOverTheSettingsOfOneThatThePeerHasLost) {
  const auto before = tim.Snapshot();
  Link(tim, john);
  SetAll(john, "Tim Andrews", "8", 10, tim.address());
  tim.PutBack(before, SimulatedAccount::GenerationFile::kPutBack);
  ASSERT_THAT(tim.Rows(), IsEmpty());
  Advance(2min);
  const auto key = tim.GenerateKey("John Smith");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(john.Link("Tim, anew", *key), IsOk());
  EXPECT_FALSE(john.Row("Tim Andrews"));
  const auto row = *john.Row("Tim, anew");
  EXPECT_EQ(row.dial_prefix(), "8");
  EXPECT_EQ(row.priority(), 10);
  EXPECT_EQ(row.manual_address(), tim.address());
}

TEST_F(ReplacementTest, APauseIsNotEndedByAnotherKey) {
  const auto key = mike.GenerateKey("John, anew");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  Relink(*key);
  EXPECT_TRUE(mike.Row("John, anew")->paused());
  ASSERT_THAT(mike.AddNumber("101"), IsOk());
  EXPECT_THAT(john.Resolve("101"), HasReason(Reason::kNumberNotFound));
}

TEST_F(ReplacementTest, ANewKeyForARowThatFailedKeepsItsSettings) {
  const auto key = mike.GenerateKey("Tim Andrews");
  mike.Crash();
  ASSERT_THAT(tim.Link("Mike Brown", *key, 1s), IsOk());
  SetAll(tim, "Mike Brown", "7", 20, mike.address());
  mike.Start();
  ASSERT_THAT(mike.Delete("Tim Andrews"), IsOk());
  Advance(2min);
  ASSERT_EQ(tim.Row("Mike Brown")->state(), api::INTERLINK_STATE_FAILED);
  const auto fresh = mike.GenerateKey("Tim Andrews");
  ASSERT_THAT(tim.Link("Mike Brown", *fresh), IsOk());
  const auto row = *tim.Row("Mike Brown");
  EXPECT_EQ(row.dial_prefix(), "7");
  EXPECT_EQ(row.priority(), 20);
  EXPECT_EQ(row.manual_address(), mike.address());
}

// Its address and its pause were meant for the other company.
TEST_F(ReplacementTest, AKeyOfAnotherAccountForARowThatFailedStartsAnew) {
  const auto key = mike.GenerateKey("Tim Andrews");
  mike.Crash();
  ASSERT_THAT(tim.Link("Partner", *key, 1s), IsOk());
  SetAll(tim, "Partner", "7", 20, mike.address());
  ASSERT_THAT(tim.SetPaused("Partner", true), IsOk());
  mike.Start();
  ASSERT_THAT(mike.Delete("Tim Andrews"), IsOk());
  Advance(2min);
  ASSERT_EQ(tim.Row("Partner")->state(), api::INTERLINK_STATE_FAILED);
  const auto of_john = john.GenerateKey("Tim Andrews");
  ASSERT_THAT(tim.Link("Partner", *of_john), IsOk());
  const auto row = *tim.Row("Partner");
  EXPECT_EQ(row.dial_prefix(), "7");
  EXPECT_EQ(row.priority(), 20);
  EXPECT_EQ(row.manual_address(), "");
  EXPECT_FALSE(row.paused());
}

}  // namespace
}  // namespace interlink::testing
