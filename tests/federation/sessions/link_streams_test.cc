#include "federation/sessions/link_streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/federation/sessions/introductions_fixture.h"

namespace interlink::federation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A stream over which the other side says what the test has it say.
class ScriptedStream : public PeerStream {
 public:
  explicit ScriptedStream(PeerStream::Events*& events) : events_(events) {}
  void Open(Events& events) override { events_ = &events; }
  void Send(const v1::SessionMessage& /*message*/) override {}
  void Close(absl::Status /*status*/) override {}
  void Admit(store::InterlinkId /*link*/) override {}

 private:
  PeerStream::Events*& events_;
};

class LinkStreamsTest : public IntroductionsFixture, private Session::Owner {
 protected:
  enum class Side { kHere, kPeer };

  // A stream of that epoch; the peer has greeted unless `instance` is empty.
  std::unique_ptr<Session> Make(Side dialled, uint64_t epoch,
                                const std::string& instance = "one") {
    Session::Owner& owner = *this;
    PeerStream::Events* events = nullptr;
    auto session = std::make_unique<Session>(
        loop_, budget_, owner,
        std::make_unique<SessionMessages>(
            loop_, mike_.account().interlinks(), DirectoryFeed(parts_),
            MirrorSubscription(mirrors_, alarm_, loop_),
            mike_.account().lookups(), introductions_,
            mike_.account().removals()),
        std::make_unique<ScriptedStream>(events),
        Session::Opening{.instance_id = "here",
                         .epoch = dialled == Side::kHere ? epoch : 0,
                         .address = ""});
    session->Open();
    if (instance.empty()) return session;
    v1::SessionMessage message;
    message.mutable_hello()->set_protocol_min(1);
    message.mutable_hello()->set_protocol_max(1);
    message.mutable_hello()->set_epoch(epoch);
    message.mutable_hello()->set_instance_id(instance);
    events->OnMessage(std::move(message));
    EXPECT_TRUE(session->is_open());
    EXPECT_EQ(session->epoch(), epoch);
    return session;
  }
  Session& Add(std::unique_ptr<Session> session, LinkStreams& streams) {
    Session& added = *session;
    streams.Add(std::move(session));
    return added;
  }
  // Whether a link that goes by `active` should go by `candidate`.
  static bool Takes(std::unique_ptr<Session> active,
                    std::unique_ptr<Session> candidate, bool own_is_smaller) {
    LinkStreams streams(own_is_smaller);
    const Session& first = *active;
    streams.Add(std::move(active));
    streams.Promote(first);
    const Session& second = *candidate;
    streams.Add(std::move(candidate));
    return streams.ShouldPromote(second);
  }

  LinkBudget budget_ = LinkBudget::ForCommits(loop_);
  PeerEvents events_{mike_.account().ledger(), loop_, commits_};
  ContactAlarm alarm_{loop_, mike_.account().ledger(), events_};
  DirectoryParts parts_{mike_.account().directory(),
                        mike_.account().numbers().shared_observers(), loop_};
  Mirrors mirrors_{loop_, Mirrors::Limits()};

 private:
  void OnHello(Session& session, const v1::Hello& /*hello*/) override {
    session.SetLink(*store::InterlinkId::FromBytes(std::string(16, 'k')));
    session.Greet(absl::OkStatus());
  }
  void OnPong(Session&, Duration) override {}
  void OnLate(Session&) override {}
  void OnEnded(Session&, const absl::Status&, bool) override {}
};

TEST_F(LinkStreamsTest, AStreamIsACandidateUntilItIsPromoted) {
  LinkStreams streams(true);
  EXPECT_TRUE(streams.empty());
  Session& session = Add(Make(Side::kPeer, 1), streams);
  EXPECT_FALSE(streams.empty());
  EXPECT_TRUE(streams.IsCandidate(&session));
  EXPECT_TRUE(streams.ShouldPromote(session));  // There is no other.
  EXPECT_EQ(streams.active(), nullptr);
  EXPECT_EQ(streams.Promote(session), nullptr);
  EXPECT_EQ(streams.active(), &session);
  EXPECT_FALSE(streams.IsCandidate(&session));
  EXPECT_FALSE(streams.empty());
  Session& later = Add(Make(Side::kPeer, 2), streams);
  const auto former = streams.Promote(later);
  EXPECT_EQ(former.get(), &session);
  EXPECT_EQ(streams.active(), &later);
}

TEST_F(LinkStreamsTest, AStreamIsTakenOutWhereverItIs) {
  LinkStreams streams(true);
  const Session& active = Add(Make(Side::kPeer, 1), streams);
  streams.Promote(active);
  const Session& first = Add(Make(Side::kPeer, 2), streams);
  const Session& second = Add(Make(Side::kPeer, 3), streams);
  EXPECT_EQ(streams.Remove(first).get(), &first);
  EXPECT_FALSE(streams.IsCandidate(&first));
  EXPECT_TRUE(streams.IsCandidate(&second));
  EXPECT_EQ(streams.Remove(active).get(), &active);
  EXPECT_EQ(streams.active(), nullptr);
  EXPECT_EQ(streams.TakeCandidates().size(), 1u);
  EXPECT_TRUE(streams.empty());
}

TEST_F(LinkStreamsTest, OfOneDiallerTheLaterStreamTakesOver) {
  for (const Side side : {Side::kHere, Side::kPeer}) {
    EXPECT_TRUE(Takes(Make(side, 1), Make(side, 2), true));
    EXPECT_FALSE(Takes(Make(side, 2), Make(side, 2), true));
    EXPECT_FALSE(Takes(Make(side, 2), Make(side, 1), true));
  }
}

TEST_F(LinkStreamsTest, OfTwoDiallersThatOfTheSmallerIdStays) {
  EXPECT_TRUE(Takes(Make(Side::kPeer, 9), Make(Side::kHere, 1), true));
  EXPECT_FALSE(Takes(Make(Side::kHere, 1), Make(Side::kPeer, 9), true));
  EXPECT_FALSE(Takes(Make(Side::kPeer, 1), Make(Side::kHere, 9), false));
  EXPECT_TRUE(Takes(Make(Side::kHere, 9), Make(Side::kPeer, 1), false));
}

TEST_F(LinkStreamsTest, AnotherRunOfThePeerTakesOverWhoeverDialled) {
  EXPECT_TRUE(Takes(Make(Side::kHere, 9), Make(Side::kPeer, 1, "two"), true));
  EXPECT_TRUE(Takes(Make(Side::kPeer, 9), Make(Side::kHere, 1, "two"), false));
}

TEST_F(LinkStreamsTest, AStreamThatThePeerDialledMakesEarlierOnesOld) {
  LinkStreams streams(true);
  Add(Make(Side::kHere, 9), streams);
  EXPECT_FALSE(streams.HasAcceptedSince(1));
  Session& accepted = Add(Make(Side::kPeer, 5), streams);
  EXPECT_TRUE(streams.HasAcceptedSince(4));
  EXPECT_TRUE(streams.HasAcceptedSince(5));
  EXPECT_FALSE(streams.HasAcceptedSince(6));
  streams.Promote(accepted);
  EXPECT_TRUE(streams.HasAcceptedSince(5));
  accepted.Close(absl::UnavailableError("it ends"));
  EXPECT_FALSE(streams.HasAcceptedSince(5));
}

// A candidate that has not greeted has no pong under way either.
TEST_F(LinkStreamsTest, OutrankedCandidatesAndMuteOnesAreTaken) {
  LinkStreams streams(true);
  const Session& active = Add(Make(Side::kHere, 5), streams);
  streams.Promote(active);
  const Session& older = Add(Make(Side::kHere, 4), streams);
  const Session& later = Add(Make(Side::kHere, 6), streams);
  const Session& other = Add(Make(Side::kPeer, 7), streams);
  const Session& mute = Add(Make(Side::kHere, 8, ""), streams);
  std::vector<const Session*> taken;
  const auto outranked = streams.TakeOutranked();
  for (const auto& session : outranked) taken.push_back(session.get());
  EXPECT_THAT(taken, ElementsAre(&older, &other, &mute));
  EXPECT_TRUE(streams.IsCandidate(&later));
  EXPECT_EQ(streams.active(), &active);
  EXPECT_THAT(streams.TakeOutranked(), IsEmpty());
}

TEST_F(LinkStreamsTest, AllStreamsAreGoneThroughTheActiveOneFirst) {
  LinkStreams streams(true);
  Session& candidate = Add(Make(Side::kPeer, 1), streams);
  Session& active = Add(Make(Side::kPeer, 2), streams);
  streams.Promote(active);
  std::vector<const Session*> seen;
  streams.ForEach([&](const Session& session) { seen.push_back(&session); });
  EXPECT_THAT(seen, ElementsAre(&active, &candidate));
}

}  // namespace
}  // namespace interlink::federation
