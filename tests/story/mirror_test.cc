// What the accounts know of each other's numbers (design.md section 9).

#include "tests/story/two_accounts.h"
#include "tests/support/awaited_numbers.h"
#include "tests/support/scripted_peer.h"
#include "tests/support/simulated_pbx.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

class MirrorTest : public AccountsTest {
 protected:
  void ExpectFresh(SimulatedAccount& account, const std::string& number) {
    const auto before = time.Now();
    auto resolution = account.Resolve(number);
    ASSERT_THAT(resolution, IsOk());
    EXPECT_TRUE(resolution->complete());
    EXPECT_FALSE(resolution->stale());
    EXPECT_EQ(time.Now(), before);
  }
  void Destroy(const std::string& number) {
    ASSERT_THAT(AwaitedNumbers(time, john.account().numbers()).Delete(number),
                IsOk());
  }
  absl::Status SetDestination(const std::string& number,
                              const std::string& destination) {
    api::UpdateNumberRequest request;
    request.mutable_number()->set_number(number);
    request.mutable_number()->set_destination(destination);
    request.mutable_update_mask()->add_paths("destination");
    return AwaitedNumbers(time, john.account().numbers())
        .Update(request)
        .status();
  }
  static wire::SessionMessage Subscribe() {
    wire::SessionMessage message;
    message.mutable_subscribe();
    return message;
  }
  api::ListReachableNumbersResponse Reachable(
      const std::string& interlink_id = "", int page_size = 0,
      const std::string& token = "") {
    api::ListReachableNumbersRequest request;
    request.set_interlink_id(interlink_id);
    request.set_page_size(page_size);
    request.set_page_token(token);
    auto response = ListReachable(mike, request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? *response : api::ListReachableNumbersResponse();
  }
};

TEST_F(MirrorTest, ALookupCostsNoNetwork) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  Advance(5s);
  ExpectFresh(mike, "201");
  EXPECT_THAT(mike.Resolve("202"), HasReason(Reason::kNumberNotFound));
  Advance(1h);
  ExpectFresh(mike, "201");
  EXPECT_EQ(network.calls["Lookup"], 0);
}

TEST_F(MirrorTest, AChangeIsSeenAfterOneTripOverTheNetwork) {
  Link(mike, john);
  Advance(5s);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(network.latency + 1ms);
  ExpectFresh(mike, "201");
  ASSERT_THAT(john.SetPrivate("201", true), IsOk());
  Advance(network.latency + 1ms);
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
}

TEST_F(MirrorTest, PrivateUnassignedAndDeletedAreTheSameBytes) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(5s);
  const std::string id = mike.Rows()[0].id();
  mike.Crash();
  ScriptedPeer peer(network, mike, john);
  peer.Greet(id);
  peer.Send(Subscribe());
  Advance(1s);
  std::vector<std::string> removals;
  const auto remember = [&] {
    Advance(1s);
    auto part = peer.Parts().back();
    part.mutable_directory()->clear_sequence();  // It counts the changes.
    removals.push_back(part.SerializeAsString());
  };
  ASSERT_THAT(john.SetPrivate("201", true), IsOk());
  remember();
  ASSERT_THAT(john.SetPrivate("201", false), IsOk());
  Advance(1s);
  ASSERT_THAT(SetDestination("201", ""), IsOk());
  remember();
  ASSERT_THAT(SetDestination("201", "sip:y@10.0.0.2"), IsOk());
  Advance(1s);
  Destroy("201");
  remember();
  EXPECT_EQ(removals[0], removals[1]);
  EXPECT_EQ(removals[1], removals[2]);
}

TEST_F(MirrorTest, PrivateNumbersMoveNothingThatAPeerCanSee) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(5s);
  const std::string id = mike.Rows()[0].id();
  mike.Crash();
  ScriptedPeer peer(network, mike, john);
  peer.Greet(id);
  peer.Send(Subscribe());
  Advance(1s);
  const size_t messages = peer.received.size();
  ASSERT_THAT(john.AddNumber("900", /*is_private=*/true), IsOk());
  ASSERT_THAT(SetDestination("900", "sip:secret@10.0.0.9"), IsOk());
  ASSERT_THAT(SetDestination("201", "sip:elsewhere@10.0.0.9"), IsOk());
  Destroy("900");
  ASSERT_THAT(john.AddNumber("901", false, ""), IsOk());
  Advance(1s);
  EXPECT_EQ(peer.received.size(), messages);
}

TEST_F(MirrorTest,
       TheLastWordOfASilentPeerIsStaleAfterTheLeaseAndThenForgotten) {
  mike.settings.max_stale = 10min;
  mike.account().Reload(mike.settings);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  Advance(15s);
  network.Cut(mike, john);
  network.Cut(john, mike);
  int fresh = 0;
  for (int second = 0; second < 60; ++second) {
    Advance(1s);
    const auto before = time.Now();
    auto resolution = mike.Resolve("201");
    ASSERT_THAT(resolution, IsOk()) << second;
    EXPECT_EQ(time.Now(), before) << "waited after " << second << " s";
    fresh += resolution->stale() ? 0 : 1;
    EXPECT_EQ(resolution->stale(), !resolution->complete());
    EXPECT_LE(resolution->routes(0).expire_time().seconds(),
              store::ToTimestamp(time.WallNow() + 12s).seconds());
  }
  EXPECT_GE(fresh, 1);
  EXPECT_LE(fresh, 12);
  Advance(9min);
  EXPECT_TRUE(mike.Resolve("201")->stale());
  Advance(1min);
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kLookupIncomplete));
  network.Mend(mike, john);
  network.Mend(john, mike);
  Advance(61s);
  ExpectFresh(mike, "201");
}

TEST_F(MirrorTest, ASilentPeerDoesNotDelayTheAnswerOfAMirrorInStep) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  Link(mike, tim);
  Advance(15s);
  network.Cut(mike, tim);
  network.Cut(tim, mike);
  Advance(1min);
  const auto before = time.Now();
  auto resolution = mike.Resolve("201");
  ASSERT_THAT(resolution, IsOk());
  EXPECT_EQ(time.Now(), before);
  EXPECT_FALSE(resolution->complete());
  EXPECT_FALSE(resolution->stale());
  EXPECT_THAT(resolution->unanswered_interlink_ids(),
              ElementsAre(mike.Row("Tim Andrews")->id()));
  // A miss is not delayed either.
  EXPECT_THAT(mike.Resolve("999"), HasReason(Reason::kLookupIncomplete));
  EXPECT_EQ(time.Now(), before);
}

TEST_F(MirrorTest, ALinkThatIsDeletedOrPausedGivesNoRoute) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  Advance(5s);
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
  ASSERT_THAT(mike.SetPaused("John Smith", false), IsOk());
  Advance(5s);
  ExpectFresh(mike, "201");
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
  Advance(1s);
  EXPECT_EQ(mike.account().mirrors().size(), 0u);
}

TEST_F(MirrorTest, APausedLinkIsToldNothingNew) {
  Link(mike, john);
  Advance(5s);
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(1min);
  EXPECT_EQ(mike.account().mirrors().size(), 0u);
  ASSERT_THAT(john.SetPaused("Mike Brown", false), IsOk());
  Advance(1s);
  ExpectFresh(mike, "201");
}

TEST_F(MirrorTest, APeerThatHasPausedIsNotAsked) {
  Link(mike, john);
  Advance(5s);
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(1min);
  const auto before = time.Now();
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
  EXPECT_EQ(time.Now(), before);
}

// While the network is cut the peer may have resumed the link unheard.
TEST_F(MirrorTest, APauseIsBelievedForALeaseOnly) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  Advance(5s);
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  Advance(5s);
  network.Cut(mike, john);
  network.Cut(john, mike);
  ASSERT_THAT(john.SetPaused("Mike Brown", false), IsOk());
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
  Advance(13s);
  EXPECT_EQ(mike.Row("John Smith")->health(), api::INTERLINK_HEALTH_PAUSED);
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kLookupIncomplete));
  network.Mend(mike, john);
  network.Mend(john, mike);
  Advance(2min);
  ExpectFresh(mike, "201");
}

// What the mirror held is from before the pause, and may be private since:
// however the session ends, it is not given out, not even as stale.
TEST_F(MirrorTest, APauseOutlivesItsSession) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  const auto id = *store::InterlinkId::FromHex(mike.Rows()[0].id());
  const std::function<void()> ends[] = {
      [&] { john.Crash(); },
      [&] { mike.account().sessions().HoldFlooder(id); },
  };
  for (const auto& end : ends) {
    if (!john.is_running()) john.Start();
    ASSERT_THAT(john.SetPaused("Mike Brown", false), IsOk());
    Advance(2min);
    ExpectFresh(mike, "201");
    ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
    Advance(1min);
    end();
    for (int second = 0; second < 120; ++second) {
      Advance(1s);
      api::ResolveRequest request;
      request.set_number("201");
      const auto answer = mike.account().resolver().AnswerAtOnce(request);
      ASSERT_FALSE(answer && answer->ok()) << second << " s after the end";
    }
  }
}

TEST_F(MirrorTest, ALargeDirectoryThatChangesWhileItIsSentArrivesWhole) {
  for (int i = 0; i < 3000; ++i) {
    ASSERT_THAT(john.AddNumber(std::to_string(10'000 + i)), IsOk());
  }
  Link(mike, john);
  network.latency = 50ms;
  for (int i = 0; i < 40; ++i) {
    Advance(20ms);
    Destroy(std::to_string(10'000 + i * 70));
    ASSERT_THAT(john.AddNumber(std::to_string(20'000 + i)), IsOk());
  }
  Advance(15s);
  EXPECT_EQ(mike.account().mirrors().size(), 3000u);
  EXPECT_EQ(mike.account().mirrors().in_step(), 1u);
  ExpectFresh(mike, "20039");
  EXPECT_THAT(mike.Resolve("10000"), HasReason(Reason::kNumberNotFound));
}

// So that a change of a number does not hold up the loop of an account with
// many links.
TEST_F(MirrorTest, AChangeIsSentToAFewPeersInEachTask) {
  std::vector<std::unique_ptr<SimulatedAccount>> peers;
  for (int i = 0; i < 60; ++i) {
    peers.push_back(std::make_unique<SimulatedAccount>(
        time, network, "Peer" + std::to_string(i)));
    Link(john, *peers.back());
  }
  Advance(5s);
  // A message is a task that waits for its arrival.
  size_t waiting = time.waiting();
  size_t most = 0;
  time.after_each = [&] {
    const size_t now = time.waiting();
    most = std::max(most, now - std::min(now, waiting));
    waiting = now;
  };
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(100ms);
  time.after_each = nullptr;
  EXPECT_LT(most, peers.size());
  for (const auto& peer : peers) ExpectFresh(*peer, "201");
}

TEST_F(MirrorTest, ANewSessionSendsNothingThatIsKnown) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Link(mike, john);
  Advance(5s);
  const std::string id = mike.Rows()[0].id();
  const auto position = john.account().mirrors().size();
  EXPECT_EQ(position, 0u);
  mike.Crash();
  ScriptedPeer first(network, mike, john);
  first.Greet(id, 1);
  first.Send(Subscribe());
  Advance(1s);
  ASSERT_THAT(first.Parts(), SizeIs(1));
  EXPECT_TRUE(first.Parts()[0].begins_snapshot());
  ScriptedPeer second(network, mike, john);
  second.Greet(id, 2);
  auto subscribe = Subscribe();
  *subscribe.mutable_subscribe()->mutable_have() = first.Parts()[0].directory();
  second.Send(subscribe);
  Advance(1s);
  ASSERT_THAT(second.Parts(), SizeIs(1));
  EXPECT_FALSE(second.Parts()[0].begins_snapshot());
  EXPECT_EQ(second.Parts()[0].entries_size(), 0);
}

TEST_F(MirrorTest, TooLargeADirectoryIsRefusedInWordsAndAskedInstead) {
  mike.settings.max_mirrored_numbers_per_link = 2;
  mike.account().Reload(mike.settings);
  for (const char* number : {"201", "202", "203"}) {
    ASSERT_THAT(john.AddNumber(number), IsOk());
  }
  Link(mike, john);
  Advance(15s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "LIMIT_REACHED");
  EXPECT_EQ(mike.account().mirrors().size(), 0u);
  auto resolution = mike.Resolve("203");
  ASSERT_THAT(resolution, IsOk());
  EXPECT_TRUE(resolution->complete());
  EXPECT_EQ(network.calls["Lookup"], 0);  // Over the session.
  Destroy("203");
  Advance(15min);
  EXPECT_EQ(mike.account().mirrors().size(), 2u);
  EXPECT_FALSE(mike.Rows()[0].has_last_error());
}

TEST_F(MirrorTest, ReachableNumbersAreListedWithTheirInterlinks) {
  for (const char* number : {"201", "7", "007", "30"}) {
    ASSERT_THAT(john.AddNumber(number), IsOk());
  }
  ASSERT_THAT(tim.AddNumber("201"), IsOk());
  ASSERT_THAT(mike.AddNumber("30"), IsOk());
  Link(mike, john);
  Link(mike, tim);
  Advance(10s);
  const auto all = Reachable();
  std::vector<std::string> lines;
  for (const auto& number : all.numbers()) {
    lines.push_back(number.number() + " " + number.interlink_name() +
                    (number.shadowed() ? " shadowed" : ""));
  }
  EXPECT_THAT(lines,
              ElementsAre("007 John Smith", "201 John Smith", "201 Tim Andrews",
                          "30 John Smith shadowed", "7 John Smith"));
  EXPECT_EQ(all.next_page_token(), "");
  EXPECT_THAT(Reachable(mike.Row("Tim Andrews")->id()).numbers(), SizeIs(1));
  // By pages.
  std::vector<std::string> paged;
  std::string token;
  do {
    const auto page = Reachable("", 2, token);
    for (const auto& number : page.numbers()) paged.push_back(number.number());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(paged, ElementsAre("007", "201", "201", "30", "7"));
  for (const char* bad : {"x", "201", "201.", "201.99999", "201.1x"}) {
    api::ListReachableNumbersRequest request;
    request.set_page_token(bad);
    EXPECT_THAT(mike.account().reachable().List(request),
                HasReason(Reason::kRequestInvalid))
        << bad;
  }
}

}  // namespace
}  // namespace interlink::testing
