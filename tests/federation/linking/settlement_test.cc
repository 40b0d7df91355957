#include "federation/linking/settlement.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/identity/certificate.h"
#include "tests/federation/linking/bare_ledger.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/no_peers.h"

namespace interlink::federation {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Refuses;

constexpr const char* kAddress = "a.test:1";

// An account whose administrator has entered keys of Mike, who has the root
// of a real account; letters name the ids of the keys.
class SettlementTest : public BareLedger {
 protected:
  // Whether this account's id is smaller than Mike's decides which of two links
  // stands that were made at once.
  static constexpr char kSmallestId = '\0';
  static constexpr char kLargestId = '\xff';

  void Enter(char id, const std::string& name, char account = kLargestId) {
    Insert(Entered(KeyOfMike(id, account), name));
  }
  // A link with Mike that stands.
  void AddLink(char id, const std::string& name, bool is_issued_here = false,
               char account = kLargestId) {
    store::v1::InterlinkRecord record = Entered(KeyOfMike(id, account), name);
    record.set_state(store::v1::ROW_STATE_ESTABLISHED);
    record.mutable_peer()->clear_root_spki_sha256();
    record.mutable_peer()->add_root_certificates(mike_.root().ToDer());
    record.set_priority(7);
    if (is_issued_here) {
      record.clear_entered_key();
      record.mutable_issued_key();
    }
    Insert(record);
  }
  AuthorizationKey KeyOfMike(char id, char account) const {
    AuthorizationKey key = Key(id, account);
    key.issuer_root_spki_sha256 = mike_.root_spki_sha256();
    return key;
  }
  v1::RedeemResponse Answer() const {
    v1::RedeemResponse answer;
    answer.set_account_name("Mike Brown");
    answer.set_root_certificate(mike_.root().ToDer());
    answer.add_addresses("c.test:1");
    answer.set_contact("sip:{number}@mike.test");
    return answer;
  }
  absl::Status Establish(const std::string& name,
                         const v1::RedeemResponse& answer,
                         const std::vector<store::InterlinkId>& carried = {}) {
    return Settle([&](auto done) {
      settlement_.Establish(Named(name).id, answer, kAddress, carried,
                            std::move(done));
    });
  }
  absl::Status EstablishByCall(const std::string& name,
                               const ReplacedIds& replaced = {}) {
    return Settle([&](auto done) {
      settlement_.EstablishByCall(Named(name).id, mike_.root().ToDer(),
                                  replaced, std::move(done));
    });
  }
  absl::Status EndTerminated(const std::string& name) {
    return Settle([&](auto done) {
      settlement_.EndTerminated(Named(name).id, std::move(done));
    });
  }
  template <class Begin>
  absl::Status Settle(Begin begin) {
    return testing::Await<absl::Status>(time_, std::move(begin));
  }

  std::unique_ptr<rocksdb::Env> other_disk_{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<store::Database> other_database_ =
      *store::OpenRocksDb("/store", other_disk_.get());
  const Identity mike_ =
      *Identity::LoadOrCreate(*other_database_, randomness_, time_.WallNow());
  Counters counters_;
  testing::NoPeers peers_{loop_};
  const std::unique_ptr<RemovalOutbox> outbox_ = *RemovalOutbox::Open(
      identity_, *ledger_, loop_, randomness_, peers_, counters_);
  const Termination termination_{identity_, interlinks(), *outbox_};
  Settlement settlement_{identity_, *ledger_, termination_, counters_};
};

TEST_F(SettlementTest, AYesOfTheIssuerMakesTheLinkInOneCommit) {
  Enter('k', "Mike");
  Transaction owed(ledger_->WallNow());
  for (const char id : {'o', 'p'}) {
    store::v1::OutboxRecord removal;
    removal.set_interlink_id(std::string(16, id));
    owed.PutOutbox(removal);
  }
  ASSERT_THAT(ledger_->CommitAtStart(owed.Take()), IsOk());
  const auto before = database_->revision();
  ASSERT_THAT(Establish("Mike", Answer(), {IdOf<store::InterlinkId>('o')}),
              IsOk());
  EXPECT_EQ(database_->revision(), before + 1);
  const store::v1::InterlinkRecord& record = Named("Mike").record;
  EXPECT_EQ(record.state(), store::v1::ROW_STATE_ESTABLISHED);
  EXPECT_EQ(store::FromTimestamp(record.establish_time()), time_.WallNow());
  EXPECT_EQ(record.linked_from(), kAddress);
  EXPECT_EQ(record.peer().account_name(), "Mike Brown");
  EXPECT_THAT(record.peer().root_certificates(),
              ElementsAre(mike_.root().ToDer()));
  EXPECT_THAT(record.peer().addresses(), ElementsAre("c.test:1"));
  EXPECT_EQ(record.peer().good_address(), kAddress);
  EXPECT_EQ(record.peer().contact(), "sip:{number}@mike.test");
  // The secret is erased, and what it proves is kept.
  EXPECT_EQ(record.entered_key().key(), "");
  EXPECT_NE(record.entered_key().proof_key(), "");
  EXPECT_EQ(outbox_->Find(IdOf<store::InterlinkId>('o')), nullptr);
  EXPECT_NE(outbox_->Find(IdOf<store::InterlinkId>('p')), nullptr);
  EXPECT_THAT(EventKinds(), ElementsAre("LINKED"));
  EXPECT_EQ(counters_.links_made_as_redeemer, 1u);
}

TEST_F(SettlementTest, AnotherRootThanTheKeyNamesChangesNothing) {
  Enter('k', "Mike");
  for (const std::string& root : {identity_.root().ToDer(), std::string("x")}) {
    v1::RedeemResponse answer = Answer();
    answer.set_root_certificate(root);
    EXPECT_THAT(Establish("Mike", answer),
                Refuses(Reason::kPeerIdentityMismatch));
  }
  EXPECT_TRUE(Named("Mike").Is(store::v1::ROW_STATE_LINKING));
  EXPECT_THAT(EventKinds(), IsEmpty());
}

TEST_F(SettlementTest, WhatTheIssuerHasReplacedOrLostGivesItsSettings) {
  for (const bool is_orphan : {false, true}) {
    AddLink(is_orphan ? 'o' : 'r', "Old", /*is_issued_here=*/true);
    Enter(is_orphan ? 'k' : 'l', "New");
    v1::RedeemResponse answer = Answer();
    if (is_orphan) {
      interlinks().SetHealth(Named("Old").id, api::INTERLINK_HEALTH_ORPHANED);
    } else {
      answer.add_replaced_interlink_ids(Named("Old").id.ToBytes());
    }
    ASSERT_THAT(Establish("New", answer), IsOk());
    EXPECT_THAT(Names(), ElementsAre("New"));
    const auto tombstone = TombstoneOf(is_orphan ? 'o' : 'r');
    EXPECT_EQ(tombstone.removal().cause(), store::v1::REMOVAL_CAUSE_REPLACED);
    EXPECT_EQ(tombstone.removal().successor_id(), Named("New").id.ToBytes());
    EXPECT_EQ(Named("New").record.priority(), 7u);
    EXPECT_THAT(EventKinds(), Contains("REPLACED"));
    Bury("New");
  }
}

TEST_F(SettlementTest, OfTwoLinksMadeAtOnceThatOfTheSmallerIssuerStays) {
  // Here: the link that was issued here stays, under the name entered last.
  AddLink('o', "Issued", /*is_issued_here=*/true, kLargestId);
  Enter('k', "Entered", kLargestId);
  ASSERT_THAT(Establish("Entered", Answer()), IsOk());
  EXPECT_THAT(Names(), ElementsAre("Entered"));
  EXPECT_EQ(Named("Entered").id, IdOf<store::InterlinkId>('o'));
  EXPECT_EQ(Named("Entered").record.priority(), 7u);
  EXPECT_EQ(TombstoneOf('k').removal().cause(),
            store::v1::REMOVAL_CAUSE_MERGED);
  EXPECT_THAT(EventKinds(), ElementsAre("MERGED"));
  EXPECT_EQ(counters_.links_made_as_redeemer, 0u);
  // There: the link that was entered here stays.
  AddLink('p', "Issued", /*is_issued_here=*/true, kSmallestId);
  Enter('l', "Other", kSmallestId);
  ASSERT_THAT(Establish("Other", Answer()), IsOk());
  EXPECT_EQ(Named("Other").id, IdOf<store::InterlinkId>('l'));
  EXPECT_EQ(interlinks().FindByName("Issued"), nullptr);
  EXPECT_EQ(TombstoneOf('p').removal().cause(),
            store::v1::REMOVAL_CAUSE_MERGED);
  EXPECT_EQ(counters_.links_made_as_redeemer, 1u);
}

TEST_F(SettlementTest, ACallOfTheIssuerIsItsAnswer) {
  Enter('k', "Mike");
  ASSERT_THAT(EstablishByCall("Mike"), IsOk());
  EXPECT_TRUE(Named("Mike").Is(store::v1::ROW_STATE_ESTABLISHED));
  EXPECT_THAT(Named("Mike").record.peer().root_certificates(),
              ElementsAre(mike_.root().ToDer()));
  EXPECT_NE(Named("Mike").record.entered_key().key(), "");  // It still asks.
  EXPECT_EQ(counters_.links_made_as_redeemer, 1u);
  // The answer then adds only who it is.
  ASSERT_THAT(Establish("Mike", Answer()), IsOk());
  EXPECT_EQ(Named("Mike").record.peer().account_name(), "Mike Brown");
  EXPECT_EQ(Named("Mike").record.entered_key().key(), "");
  EXPECT_EQ(counters_.links_made_as_redeemer, 1u);
  EXPECT_THAT(EventKinds(), ElementsAre("LINKED"));
}

// What the issuer has said of itself since is newer than its answer.
TEST_F(SettlementTest, AnIntroductionIsNotOverwrittenByTheAnswer) {
  Enter('k', "Mike");
  ASSERT_THAT(EstablishByCall("Mike"), IsOk());
  store::v1::InterlinkRecord introduced = Named("Mike").record;
  introduced.mutable_peer()->set_generation(1);
  introduced.mutable_peer()->set_account_name("Mike Brown, new office");
  Transaction transaction(ledger_->WallNow());
  transaction.Update(Named("Mike"), introduced);
  ASSERT_THAT(ledger_->CommitAtStart(transaction.Take()), IsOk());
  ASSERT_THAT(Establish("Mike", Answer()), IsOk());
  const store::v1::Peer& peer = Named("Mike").record.peer();
  EXPECT_EQ(peer.account_name(), "Mike Brown, new office");
  EXPECT_EQ(peer.contact(), "sip:{number}@mike.test");
  EXPECT_EQ(peer.good_address(), kAddress);
}

TEST_F(SettlementTest, BesideALinkThatStandsACallIsNoAnswer) {
  AddLink('o', "Old");
  Enter('k', "Mike");
  const auto establish = [this] { return EstablishByCall("Mike"); };
  EXPECT_THAT(establish(), Refuses(Reason::kPeerUnreachable));
  EXPECT_TRUE(Named("Mike").Is(store::v1::ROW_STATE_LINKING));
  interlinks().SetHealth(Named("Old").id, api::INTERLINK_HEALTH_ORPHANED);
  EXPECT_THAT(establish(), IsOk());
  EXPECT_THAT(Names(), ElementsAre("Mike"));
  EXPECT_EQ(Named("Mike").record.priority(), 7u);
}

// It keeps the link of its own key whatever is answered to it.
TEST_F(SettlementTest, ACallOfASeniorEndsTheLinkOfTheOtherKey) {
  AddLink('o', "Issued here", /*is_issued_here=*/true, kSmallestId);
  Enter('k', "Mike", kSmallestId);
  ASSERT_THAT(EstablishByCall("Mike"), IsOk());
  EXPECT_THAT(Names(), ElementsAre("Mike"));
  EXPECT_EQ(TombstoneOf('o').removal().cause(),
            store::v1::REMOVAL_CAUSE_REPLACED);
}

TEST_F(SettlementTest, ACallOfAJuniorEndsOnlyWhatItHasGivenUp) {
  AddLink('o', "Issued here", /*is_issued_here=*/true);
  Enter('k', "Mike");
  const auto establish = [this](char given_up) {
    ReplacedIds replaced;
    *replaced.Add() = std::string(16, given_up);
    return EstablishByCall("Mike", replaced);
  };
  EXPECT_THAT(establish('x'), Refuses(Reason::kPeerUnreachable));
  EXPECT_THAT(establish('o'), IsOk());
  EXPECT_THAT(Names(), ElementsAre("Mike"));
}

TEST_F(SettlementTest, ALinkThatIsOverIsNotMergedIntoALostOne) {
  AddLink('o', "Lost");
  interlinks().SetHealth(Named("Lost").id, api::INTERLINK_HEALTH_ORPHANED);
  Enter('k', "Mike");
  ASSERT_THAT(EndTerminated("Mike"), IsOk());
  EXPECT_THAT(Names(), ElementsAre("Lost"));
  EXPECT_TRUE(outbox_->Find(IdOf<store::InterlinkId>('k'))->confirms());
}

// With a newer copy of the issuer's store.
TEST_F(SettlementTest, ALinkThatWasLostAndIsBackStands) {
  AddLink('o', "Lost");
  Enter('k', "Mike");
  store::v1::InterlinkRecord record = Named("Mike").record;
  record.mutable_entered_key()->add_lost_interlink_ids(
      Named("Lost").id.ToBytes());
  Transaction transaction(ledger_->WallNow());
  transaction.Update(Named("Mike"), record);
  ASSERT_THAT(ledger_->CommitAtStart(transaction.Take()), IsOk());
  EXPECT_EQ(settlement_.FindStanding(Named("Mike")), nullptr);
  interlinks().SetHealth(Named("Lost").id, api::INTERLINK_HEALTH_CONNECTED);
  EXPECT_EQ(settlement_.FindStanding(Named("Mike")), &Named("Lost"));
}

TEST_F(SettlementTest, ARowThatStandsIsKeptWhenItsRedeemIsRefused) {
  Enter('k', "Mike");
  ASSERT_THAT(EstablishByCall("Mike"), IsOk());
  ASSERT_THAT(Settle([&](auto done) {
                settlement_.StopAsking(Named("Mike").id, std::move(done));
              }),
              IsOk());
  EXPECT_TRUE(Named("Mike").Is(store::v1::ROW_STATE_ESTABLISHED));
  EXPECT_EQ(Named("Mike").record.entered_key().key(), "");
}

TEST_F(SettlementTest, ALinkThatIsOverGoesAndItsIssuerIsToldSo) {
  Enter('k', "Mike");
  ASSERT_THAT(EndTerminated("Mike"), IsOk());
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_EQ(TombstoneOf('k').removal().cause(),
            store::v1::REMOVAL_CAUSE_DELETED_BY_PEER);
  EXPECT_TRUE(outbox_->Find(IdOf<store::InterlinkId>('k'))->confirms());
  EXPECT_THAT(EventKinds(), ElementsAre("DELETED_BY_PEER"));
}

TEST_F(SettlementTest, ALinkThatIsOverIsAnotherNameOfTheOneThatStands) {
  AddLink('o', "Old");
  Enter('k', "Mike");
  ASSERT_THAT(EndTerminated("Mike"), IsOk());
  EXPECT_THAT(Names(), ElementsAre("Mike"));
  EXPECT_EQ(Named("Mike").id, IdOf<store::InterlinkId>('o'));
  EXPECT_EQ(TombstoneOf('k').removal().successor_id(),
            Named("Mike").id.ToBytes());
  EXPECT_EQ(outbox_->Find(IdOf<store::InterlinkId>('k')), nullptr);
}

TEST_F(SettlementTest, ARefusalIsShownOrLeavesNoRow) {
  const absl::Status refusal = Refusal(Reason::kKeyExpired, "it is too late");
  Enter('k', "Shown");
  ASSERT_THAT(Settle([&](auto done) {
                settlement_.Fail(Named("Shown").id, refusal, std::move(done));
              }),
              IsOk());
  const store::v1::InterlinkRecord& record = Named("Shown").record;
  EXPECT_EQ(record.state(), store::v1::ROW_STATE_FAILED);
  EXPECT_EQ(record.failure().reason(), "KEY_EXPIRED");
  EXPECT_EQ(record.failure().message(), "it is too late");
  EXPECT_EQ(record.entered_key().key(), "");
  EXPECT_THAT(EventKinds(), ElementsAre("LINK_REFUSED"));
  Enter('l', "Erased");
  ASSERT_THAT(Settle([&](auto done) {
                settlement_.Erase(Named("Erased").id, refusal, std::move(done));
              }),
              IsOk());
  EXPECT_THAT(Names(), ElementsAre("Shown"));
  EXPECT_EQ(*interlinks().FindTombstone(IdOf<store::InterlinkId>('l')),
            std::nullopt);
  EXPECT_THAT(EventKinds(), ElementsAre("LINK_REFUSED", "LINK_REFUSED"));
}

}  // namespace
}  // namespace interlink::federation
