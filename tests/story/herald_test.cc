// How much of what a peer says of itself is stored (design.md section 8).

#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

TEST_F(SessionTest, TheLastOfManyIntroductionsIsStored) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer vain(network, john, mike);
  vain.Greet(id);
  Advance(1s);
  const auto before = mike.database().revision();
  wire::SessionMessage message;
  for (int i = 0; i < 1000; ++i) {
    message.mutable_introduction()->set_sequence(i);
    message.mutable_introduction()->set_account_name("J" + std::to_string(i));
    vain.Send(message);
  }
  Advance(5s);
  EXPECT_EQ(mike.Rows()[0].peer_account_name(), "J999");
  EXPECT_LE(mike.database().revision() - before, 3u);
}

// A peer that opens stream after stream, each time with another address.
class HeraldTest : public SessionTest {
 protected:
  void GreetFromNewAddresses(const std::string& id, int count,
                             federation::Duration each) {
    for (int i = 0; i < count; ++i) {
      ScriptedPeer herald(network, john, mike);
      herald.introduction.add_addresses(AddressOf(i));
      herald.Greet(id, ++epoch_);
      Advance(each);
    }
  }
  static std::string AddressOf(int i) {
    return "host" + std::to_string(i) + ".test:7443";
  }
  std::string StoredAddress() {
    const auto& row = *mike.account().interlinks().rows().begin();
    return row.second.record.peer().addresses(0);
  }
  int Events(const std::string& kind) {
    const auto kinds = mike.EventKinds();
    return static_cast<int>(std::count(kinds.begin(), kinds.end(), kind));
  }

 private:
  uint64_t epoch_ = 10;
};

TEST_F(HeraldTest, FiftyStreamsInASecondCostNoMoreThanOne) {
  const std::string id = LinkAndStopJohn();
  const auto before = mike.database().revision();
  GreetFromNewAddresses(id, 50, 20ms);
  Advance(2s);
  EXPECT_LE(mike.database().revision() - before, 3u);
  EXPECT_LE(Events("ADDRESSES_CHANGED"), 3);
  EXPECT_EQ(StoredAddress(), AddressOf(49));
}

TEST_F(HeraldTest, AllStreamsOfAPeerShareOneBudget) {
  const std::string id = LinkAndStopJohn();
  const auto before = mike.database().revision();
  GreetFromNewAddresses(id, 300, 2s);  // Ten minutes.
  EXPECT_LE(mike.database().revision() - before, 111u);
  EXPECT_LE(Events("ADDRESSES_CHANGED"), 20);
  EXPECT_EQ(Events("LINKED"), 1);
  Advance(10s);
  EXPECT_EQ(StoredAddress(), AddressOf(299));
}

TEST_F(HeraldTest, TwoAddressesInTurnAreTwoEventsWithACount) {
  const std::string id = LinkAndStopJohn();
  for (int i = 0; i < 20; ++i) {
    ScriptedPeer herald(network, john, mike);
    herald.introduction.add_addresses(AddressOf(i % 2));
    herald.Greet(id, static_cast<uint64_t>(100 + i));
    Advance(10s);
  }
  EXPECT_LE(Events("ADDRESSES_CHANGED"), 3);
}

TEST_F(SessionTest, APauseIsObeyedWhenTheBudgetIsSpent) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer vain(network, john, mike);
  vain.Greet(id);
  wire::SessionMessage message;
  for (int i = 0; i < 30; ++i) {
    message.mutable_introduction()->set_account_name("J" + std::to_string(i));
    vain.Send(message);
    Advance(1s);
  }
  ASSERT_NE(mike.Rows()[0].peer_account_name(), "J29");
  message.mutable_introduction()->set_paused(true);
  vain.Send(message);
  Advance(1100ms);
  EXPECT_EQ(mike.Rows()[0].health(), api::INTERLINK_HEALTH_PAUSED);
}

// An introduction that comes within a second of another waits, and until it is
// in force no pong counts.
class MirrorAfterIntroductionTest : public SessionTest {
 protected:
  MirrorAfterIntroductionTest() {
    Advance(1min);  // John's last pong counts no more.
    peer_.emplace(network, john, mike);
    peer_->answers_pings = false;
    peer_->Greet(id_);
    Advance(100ms);
    peer_->AnswerPing(1);
    Advance(100ms);
  }
  void Introduce() {
    wire::SessionMessage message;
    *message.mutable_introduction() = peer_->introduction;
    peer_->Send(message);
  }
  void TakeOver() {
    second_.emplace(network, john, mike);
    second_->directory = Empty();
    second_->Greet(id_, 2);
    Advance(100ms);
  }
  void ExpectInStepWithinSeconds(ScriptedPeer& peer) {
    wire::SessionMessage snapshot;
    snapshot.mutable_directory_part()->set_begins_snapshot(true);
    *snapshot.mutable_directory_part()->mutable_directory() = peer.directory;
    peer.Send(snapshot);
    Advance(100ms);
    EXPECT_EQ(mike.account().mirrors().in_step(), 0u);
    Advance(2s);
    EXPECT_EQ(mike.account().mirrors().in_step(), 1u);
  }
  static wire::DirectoryPosition Empty() {
    return federation::ToProto(federation::DirectoryPosition{.sequence = 1});
  }

  const std::string id_ = LinkAndStopJohn();
  std::optional<ScriptedPeer> peer_;
  std::optional<ScriptedPeer> second_;
};

TEST_F(MirrorAfterIntroductionTest, APongThatCameTooEarlyIsAskedForAgain) {
  Introduce();
  peer_->directory = Empty();
  peer_->AnswerPing(2);
  peer_->answers_pings = true;
  ExpectInStepWithinSeconds(*peer_);
}

// The introduction after it comes just before the ping that it caused.
TEST_F(MirrorAfterIntroductionTest, APongThatCameTooEarlyAgainToo) {
  Introduce();
  peer_->directory = Empty();
  peer_->AnswerPing(2);
  peer_->answers_pings = true;
  Advance(900ms);
  Introduce();
  ExpectInStepWithinSeconds(*peer_);
}

// Its first pong, before it took over, did not count either.
TEST_F(MirrorAfterIntroductionTest, ThePongOfASessionThatTakesOverToo) {
  Introduce();
  Advance(50ms);
  TakeOver();
  ExpectInStepWithinSeconds(*second_);
}

TEST_F(MirrorAfterIntroductionTest, ThePongOfTheNextSessionToo) {
  TakeOver();
  ExpectInStepWithinSeconds(*second_);
}

TEST_F(SessionTest, AfterAShortPauseTheNumbersAreBackAtOnce) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  Advance(5s);
  for (const auto pause : {100ms, 500ms, 1500ms, 5000ms, 15000ms}) {
    Advance(3s);
    ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
    Advance(pause);
    ASSERT_THAT(john.SetPaused("Mike Brown", false), IsOk());
    Advance(2s);
    EXPECT_EQ(mike.account().mirrors().size(), 1u);
    EXPECT_EQ(mike.account().mirrors().in_step(), 1u);
  }
}

TEST_F(SessionTest, AnIntroductionIsAcknowledgedOnceItIsStored) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer peer(network, john, mike);
  const auto acknowledged = [&peer] {
    uint64_t sequence = 0;
    for (const auto& message : peer.received) {
      if (message.has_introduction_stored()) {
        sequence = message.introduction_stored().sequence();
      }
    }
    return sequence;
  };
  peer.Greet(id);
  wire::SessionMessage message;
  for (uint64_t i = 1; i <= 15; ++i) {
    message.mutable_introduction()->set_sequence(i);
    message.mutable_introduction()->set_account_name("J" + std::to_string(i));
    peer.Send(message);
    Advance(1s);
  }
  EXPECT_LT(acknowledged(), 15u);
  Advance(10s);
  EXPECT_EQ(acknowledged(), 15u);
  EXPECT_EQ(mike.Rows()[0].peer_account_name(), "J15");
}

TEST_F(SessionTest, AnIntroductionOfTheSessionBeforeIsNotStoredOverALaterOne) {
  const std::string id = LinkAndStopJohn();
  const auto introduction = [](const char* name) {
    wire::SessionMessage message;
    message.mutable_introduction()->set_account_name(name);
    return message;
  };
  ScriptedPeer earlier(network, john, mike);
  earlier.Greet(id);
  Advance(1500ms);
  ScriptedPeer later(network, john, mike);
  later.answers_pings = false;
  later.Greet(id, /*epoch=*/2);
  Advance(1500ms);
  earlier.Send(introduction("at once"));
  Advance(100ms);
  earlier.Send(introduction("in a second"));
  Advance(100ms);
  later.Send(introduction("later"));
  wire::SessionMessage pong;  // Now it takes over.
  pong.mutable_pong()->set_sequence(1);
  later.Send(pong);
  Advance(5s);
  EXPECT_EQ(mike.Rows()[0].peer_account_name(), "later");
}

}  // namespace
}  // namespace interlink::testing
