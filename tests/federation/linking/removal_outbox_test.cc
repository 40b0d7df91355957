#include "federation/linking/removal_outbox.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "federation/base/settings.h"
#include "tests/federation/linking/bare_ledger.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/no_peers.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

// Peers that answer each Terminate with the next of `answers`; without one they
// are not reached.
class TerminatedPeers : public testing::NoPeers {
 public:
  explicit TerminatedPeers(EventLoop& loop) : NoPeers(loop), loop_(loop) {}

  void Terminate(const PeerTarget& target, const v1::TerminateRequest& request,
                 Duration /*timeout*/,
                 Done<v1::TerminateResponse> done) override {
    asked.push_back(target.address);
    pins.push_back(target.pin);
    last = request;
    absl::Status status = Refusal(Reason::kPeerUnreachable, "nobody is there");
    if (!answers.empty()) {
      status = answers.front();
      answers.pop_front();
    }
    loop_.Post([done = std::move(done), status]() mutable {
      done({.status = status, .from_peer = status.ok(), .response = {}});
    });
  }

  std::deque<absl::Status> answers;
  std::vector<std::string> asked;
  std::vector<PeerPin> pins;
  v1::TerminateRequest last;

 private:
  EventLoop& loop_;
};

class RemovalOutboxTest : public BareLedger {
 protected:
  RemovalOutboxTest() { OpenOutbox(); }

  void OpenOutbox() {
    outbox_ = *RemovalOutbox::Open(identity_, *ledger_, loop_, randomness_,
                                   peers_, counters_);
  }
  // A kill -9, and a start at once.
  void Restart() {
    outbox_.reset();
    Reopen();
    OpenOutbox();
  }
  // A row of that id that stands, or is being made.
  void Add(char id, const std::string& name, char issuer = 'i',
           store::v1::RowState state = store::v1::ROW_STATE_ESTABLISHED) {
    store::v1::InterlinkRecord record = Entered(Key(id, issuer), name);
    record.set_state(state);
    Insert(record);
  }
  void Remove(const std::string& name) {
    const Row& row = Named(name);
    Transaction transaction(ledger_->WallNow());
    outbox_->AddRemoval(row, transaction);
    transaction.Bury(row, store::v1::REMOVAL_CAUSE_DELETED_HERE);
    ASSERT_THAT(ledger_->CommitAtStart(transaction.Take()), IsOk());
  }
  void Confirm(const std::string& name) {
    const Row& row = Named(name);
    Transaction transaction(ledger_->WallNow());
    outbox_->AddConfirmation(row, transaction);
    transaction.Bury(row, store::v1::REMOVAL_CAUSE_DELETED_BY_PEER);
    ASSERT_THAT(ledger_->CommitAtStart(transaction.Take()), IsOk());
  }
  bool Has(char id) {
    return outbox_->Find(IdOf<store::InterlinkId>(id)) != nullptr;
  }

  Counters counters_;
  TerminatedPeers peers_{loop_};
  std::unique_ptr<RemovalOutbox> outbox_;
};

TEST_F(RemovalOutboxTest, APeerIsToldAtOnceUntilItHasConfirmed) {
  Add('k', "Mike");
  Remove("Mike");
  EXPECT_EQ(outbox_->undelivered(), 1u);
  EXPECT_EQ(outbox_->oldest_undelivered(), time_.WallNow());
  EXPECT_THAT(peers_.asked, IsEmpty());  // In a later task.
  peers_.answers = {absl::OkStatus()};
  time_.Advance(0ms);
  EXPECT_THAT(peers_.asked, ElementsAre("a.test:1"));
  EXPECT_EQ(peers_.pins[0].account_id, IdOf<store::AccountId>('i'));
  EXPECT_EQ(peers_.last.interlink_id(), std::string(16, 'k'));
  EXPECT_FALSE(Has('k'));
  EXPECT_EQ(outbox_->undelivered(), 0u);
  EXPECT_EQ(outbox_->oldest_undelivered(), std::nullopt);
  EXPECT_THAT(EventKinds(), ElementsAre("REMOVAL_DELIVERED"));
  EXPECT_EQ(counters_.removal_tries, 1u);
  EXPECT_EQ(counters_.removals_delivered, 1u);
  time_.Advance(1h);
  EXPECT_THAT(peers_.asked, SizeIs(1));
}

TEST_F(RemovalOutboxTest, EachAddressIsTriedAndAfterAPauseAllAgain) {
  store::v1::InterlinkRecord record = Entered(Key('k', 'i'), "Mike");
  record.set_state(store::v1::ROW_STATE_ESTABLISHED);
  record.set_manual_address("m.test:1");
  record.mutable_peer()->set_good_address("b.test:1");
  Insert(record);
  Remove("Mike");
  time_.Advance(0ms);
  EXPECT_THAT(peers_.asked, ElementsAre("m.test:1", "b.test:1", "a.test:1"));
  time_.Advance(499ms);
  EXPECT_THAT(peers_.asked, SizeIs(3));
  time_.Advance(501ms);
  EXPECT_THAT(peers_.asked, SizeIs(6));
  time_.Advance(24h);
  peers_.asked.clear();
  time_.Advance(15min);
  EXPECT_GE(peers_.asked.size(), 3u);
  EXPECT_TRUE(Has('k'));
}

TEST_F(RemovalOutboxTest, ASessionIsSpokenOverBeforeAnyAddress) {
  PeerClient::Done<v1::TerminateResponse> answer;
  outbox_->SetSessionRoute([&](const store::v1::Peer& peer,
                               store::InterlinkId id,
                               const v1::TerminateRequest& request,
                               PeerClient::Done<v1::TerminateResponse> done) {
    EXPECT_EQ(peer.account_id(), std::string(16, 'i'));
    EXPECT_EQ(id, IdOf<store::InterlinkId>('k'));
    EXPECT_EQ(request.interlink_id(), std::string(16, 'k'));
    answer = std::move(done);
    return true;
  });
  Add('k', "Mike");
  Remove("Mike");
  time_.Advance(1min);
  EXPECT_THAT(peers_.asked, IsEmpty());
  EXPECT_EQ(counters_.removal_tries, 1u);
  // The session breaks, so that the addresses are the next best.
  answer({.status = Refusal(Reason::kPeerUnreachable, "it broke"),
          .from_peer = false,
          .response = {}});
  EXPECT_THAT(peers_.asked, ElementsAre("a.test:1"));
  outbox_->SetSessionRoute([](auto&&...) { return false; });
  time_.Advance(0ms);
  EXPECT_THAT(peers_.asked, ElementsAre("a.test:1", "b.test:1"));
}

TEST_F(RemovalOutboxTest, ASessionThatBeginsEndsThePauseOfItsAccountAlone) {
  Add('k', "Mike", 'i');
  Add('l', "Tim", 'j');
  Remove("Mike");
  Remove("Tim");
  time_.Advance(24h);  // The pauses are long by now.
  peers_.asked.clear();
  outbox_->DeliverTo(IdOf<store::AccountId>('j'));
  peers_.answers = {absl::OkStatus()};
  time_.Advance(0ms);
  EXPECT_THAT(peers_.asked, ElementsAre("a.test:1"));
  EXPECT_TRUE(Has('k'));
  EXPECT_FALSE(Has('l'));
}

TEST_F(RemovalOutboxTest, ARestartLosesNoRemovalAndSpreadsThem) {
  for (char id = 'a'; id <= 'p'; ++id) {
    Add(id, std::string(1, id));
    Remove(std::string(1, id));
  }
  Restart();
  EXPECT_EQ(outbox_->undelivered(), 16u);
  time_.Advance(0ms);
  EXPECT_LT(peers_.asked.size(), 4u);
  time_.Advance(kStartSpread);
  EXPECT_GE(peers_.asked.size(), 2 * 16u);
}

TEST_F(RemovalOutboxTest, ARemovalIsGivenUpAfterNinetyDaysOfTrying) {
  Add('k', "Mike");
  Remove("Mike");
  time_.Advance(24h * 40);
  Restart();
  // Time in which the daemon did not run does not count, nor does its clock.
  time_.JumpWallClock(24h * 400);
  time_.Advance(24h * 49);
  EXPECT_TRUE(Has('k'));
  EXPECT_THAT(EventKinds(), IsEmpty());
  time_.Advance(24h * 2);
  EXPECT_FALSE(Has('k'));
  EXPECT_THAT(EventKinds(), ElementsAre("REMOVAL_GIVEN_UP"));
  EXPECT_EQ(counters_.removals_delivered, 0u);
}

TEST_F(RemovalOutboxTest, AConfirmationIsNoRemovalThatIsOwed) {
  Add('k', "Mike");
  Confirm("Mike");
  EXPECT_TRUE(Has('k'));
  EXPECT_EQ(outbox_->undelivered(), 0u);
  EXPECT_EQ(outbox_->oldest_undelivered(), std::nullopt);
  peers_.answers = {absl::OkStatus()};
  time_.Advance(0ms);
  EXPECT_FALSE(Has('k'));
  EXPECT_THAT(EventKinds(), IsEmpty());
  EXPECT_EQ(counters_.removals_delivered, 0u);
}

TEST_F(RemovalOutboxTest, ARemovalProvesWhatItHasToProve) {
  Add('k', "Linked");
  Add('l', "Linking", 'i', store::v1::ROW_STATE_LINKING);
  Remove("Linked");
  Remove("Linking");
  const auto* linked = outbox_->Find(IdOf<store::InterlinkId>('k'));
  EXPECT_EQ(linked->redeem_id(), "");
  EXPECT_EQ(
      linked->redeemed_proof(),
      RedeemedProof(ProofKey(Key('k', 'i').secret),
                    IdOf<store::InterlinkId>('k'), identity_.account_id()));
  const auto* linking = outbox_->Find(IdOf<store::InterlinkId>('l'));
  EXPECT_EQ(linking->redeem_id(), std::string(16, 'r'));
  EXPECT_EQ(linking->proof(), CancelProof(ProofKey(Key('l', 'i').secret),
                                          Key('l', 'i').proof_context(),
                                          IdOf<store::RedeemId>('r')));
  EXPECT_EQ(linking->redeemed_proof(), "");
}

TEST_F(RemovalOutboxTest, ARedeemCarriesSomeOfWhatItsIssuerIsOwed) {
  Add('z', "Tim", 'j');
  Remove("Tim");
  for (char id = 'a'; id <= 'q'; ++id) {
    Add(id, std::string(1, id));
    Remove(std::string(1, id));
  }
  const auto carried = outbox_->ToCarry(IdOf<store::AccountId>('i'));
  ASSERT_THAT(carried, SizeIs(RemovalOutbox::kMaxCarried));
  EXPECT_EQ(carried[0].interlink_id(), std::string(16, 'a'));
  EXPECT_NE(carried[0].redeemed_proof(), "");
  EXPECT_THAT(outbox_->ToCarry(IdOf<store::AccountId>('j')), SizeIs(1));
  EXPECT_THAT(outbox_->ToCarry(IdOf<store::AccountId>('x')), IsEmpty());
}

}  // namespace
}  // namespace interlink::federation
