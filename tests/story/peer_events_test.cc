// Events that peers cause as often as they like: none is lost.

#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

class PeerEventsTest : public SessionTest {
 protected:
  // Mike's events of that kind, the newest first.
  std::vector<api::Event> Events(const std::string& kind) {
    std::vector<api::Event> events;
    const auto log = *mike.account().events().List({});
    for (const api::Event& event : log.events()) {
      if (event.kind() == kind) events.push_back(event);
    }
    return events;
  }
  // John changes his name until Mike stores nothing more for him.
  void SpendBudgetOfJohn() {
    for (int i = 0; i < 15; ++i) {
      john.settings.account_name = "John " + std::to_string(i);
      john.account().Reload(john.settings);
      Advance(1s);
    }
  }
};

TEST_F(PeerEventsTest, AFloodWithoutBudgetIsToldWhenThereIsSome) {
  Link(mike, john);
  Advance(1min);
  SpendBudgetOfJohn();
  mike.account().sessions().HoldFlooder(
      *store::InterlinkId::FromHex(mike.Rows()[0].id()));
  const auto flooded = mike.Clock();
  Advance(1s);
  EXPECT_THAT(Events("PEER_FLOODED"), IsEmpty());
  Advance(1min);
  ASSERT_THAT(Events("PEER_FLOODED"), SizeIs(1));
  EXPECT_EQ(store::FromTimestamp(Events("PEER_FLOODED")[0].time()), flooded);
}

TEST_F(PeerEventsTest, AFloodThatCannotBeStoredIsToldLater) {
  Link(mike, john);
  Advance(1min);
  mike.disk().FailNextSync(CrashEnv::Failure::kNothingSynced);
  mike.account().sessions().HoldFlooder(
      *store::InterlinkId::FromHex(mike.Rows()[0].id()));
  Advance(1s);
  ASSERT_TRUE(mike.disk().has_failed());
  mike.disk().Restart();
  ASSERT_THAT(mike.database().Reopen(), IsOk());
  EXPECT_THAT(Events("PEER_FLOODED"), IsEmpty());
  Advance(10s);
  EXPECT_THAT(Events("PEER_FLOODED"), SizeIs(1));
}

TEST_F(PeerEventsTest, EveryUseOfAUsedKeyIsCounted) {
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  for (int i = 0; i < 15; ++i) {
    EXPECT_THAT(tim.Link("Mike", *key), HasReason(Reason::kKeyAlreadyUsed));
    Advance(2s);
  }
  Advance(2min);
  ASSERT_THAT(Events("KEY_REUSE_REFUSED"), SizeIs(1));
  EXPECT_EQ(Events("KEY_REUSE_REFUSED")[0].count(), 15);
}

// However many accounts were sent the same key.
TEST_F(PeerEventsTest, TheNewestOfManyWaitingEventsStandsForAll) {
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  std::vector<std::unique_ptr<SimulatedAccount>> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(std::make_unique<SimulatedAccount>(
        time, network, "Other " + std::to_string(i)));
    EXPECT_THAT(others.back()->Link("Mike", *key),
                HasReason(Reason::kKeyAlreadyUsed));
    Advance(1s);
  }
  Advance(1h);
  const std::vector<api::Event> events = Events("KEY_REUSE_REFUSED");
  int64_t count = 0;
  for (const api::Event& event : events) count += event.count();
  EXPECT_EQ(count, 20);
  EXPECT_LE(events.size(), 10u + 4u);
  EXPECT_THAT(events[0].message(), ::testing::HasSubstr("Other 19"));
}

}  // namespace
}  // namespace interlink::testing
