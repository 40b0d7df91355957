#include "federation/linking/key_entry.h"

#include <string>

#include "tests/federation/linking/bare_ledger.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Refuses;
using ::testing::StartsWith;

class KeyEntryTest : public BareLedger {
 protected:
  absl::StatusOr<store::InterlinkId> Enter(const std::string& name,
                                           const AuthorizationKey& key) {
    api::LinkAccountRequest request;
    request.set_name(name);
    request.set_key(key.ToText());
    return Enter(request);
  }
  absl::StatusOr<store::InterlinkId> Enter(
      const api::LinkAccountRequest& request) {
    return testing::Await<absl::StatusOr<store::InterlinkId>>(
        time_, [&](auto done) { entry_.Enter(request, std::move(done)); });
  }
  // The state of a row, and what its administrator has set.
  void Change(const std::string& name, store::v1::RowState state,
              const std::string& manual_address = "", bool paused = false,
              const std::string& prefix = "") {
    store::v1::InterlinkRecord record = Named(name).record;
    record.set_state(state);
    record.set_manual_address(manual_address);
    record.set_paused(paused);
    record.set_dial_prefix(prefix);
    Transaction transaction(ledger_->WallNow());
    transaction.Update(Named(name), record);
    ASSERT_THAT(ledger_->CommitAtStart(transaction.Take()), IsOk());
  }

  AccountSettings settings_;
  KeyEntry entry_{settings_, identity_, *ledger_, randomness_};
};

TEST_F(KeyEntryTest, AKeyMakesARowThatHasAllThatItSays) {
  const AuthorizationKey key = Key('k', 'i');
  const auto id = Enter(" Mike   Brown ", key);
  ASSERT_THAT(id, IsOk());
  EXPECT_EQ(*id, key.interlink_id);
  const store::v1::InterlinkRecord& record = Named("Mike Brown").record;
  EXPECT_EQ(record.state(), store::v1::ROW_STATE_LINKING);
  EXPECT_EQ(record.priority(), kDefaultPriority);
  EXPECT_EQ(store::FromTimestamp(record.create_time()), time_.WallNow());
  EXPECT_EQ(record.peer().account_id(), key.issuer_account_id.ToBytes());
  EXPECT_EQ(record.peer().root_spki_sha256(), key.issuer_root_spki_sha256);
  EXPECT_THAT(record.peer().addresses(), ElementsAre("a.test:1", "b.test:1"));
  EXPECT_EQ(record.entered_key().key(), key.ToBytes());
  EXPECT_EQ(record.entered_key().proof_key(), ProofKey(key.secret));
  EXPECT_EQ(record.entered_key().redeem_id().size(), 16u);
  EXPECT_THAT(EventKinds(), ElementsAre("KEY_ENTERED"));
}

TEST_F(KeyEntryTest, TheSameKeyUnderTheSameNameIsTheSameAttempt) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  const std::string attempt = Named("Mike").record.entered_key().redeem_id();
  EXPECT_THAT(Enter("MIKE", Key('k', 'i')), IsOk());
  EXPECT_EQ(Named("Mike").record.entered_key().redeem_id(), attempt);
  EXPECT_THAT(Enter("Other", Key('k', 'i')),
              Refuses(Reason::kAlreadyLinked, HasSubstr("as \"Mike\"")));
  EXPECT_THAT(Names(), ElementsAre("Mike"));
  EXPECT_THAT(EventKinds(), ElementsAre("KEY_ENTERED"));
}

TEST_F(KeyEntryTest, WhatCanNeverLinkMakesNoRow) {
  AuthorizationKey own = Key('k', 'i');
  own.issuer_account_id = identity_.account_id();
  EXPECT_THAT(Enter("Mike", own), Refuses(Reason::kSelfLink));
  EXPECT_THAT(Enter("", Key('k', 'i')), Refuses(Reason::kNameInvalid));
  api::LinkAccountRequest damaged;
  damaged.set_name("Mike");
  const std::string whole = Key('k', 'i').ToText();
  damaged.set_key(whole.substr(0, whole.size() - 5));
  EXPECT_THAT(Enter(damaged), Refuses(Reason::kKeyDamaged));
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_THAT(EventKinds(), IsEmpty());
}

TEST_F(KeyEntryTest, AKeyWhoseInterlinkWasDeletedIsSpent) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  Bury("Mike");
  EXPECT_THAT(Enter("Mike", Key('k', 'i')), Refuses(Reason::kLinkTerminated));
  EXPECT_THAT(Enter("Mike", Key('l', 'i')), IsOk());
}

TEST_F(KeyEntryTest, AnAccountIsLinkedOnceUnlessItHasForgottenTheLink) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  EXPECT_THAT(Enter("Anew", Key('l', 'i')),
              Refuses(Reason::kAlreadyLinked, HasSubstr("as \"Mike\"")));
  Change("Mike", store::v1::ROW_STATE_ESTABLISHED);
  EXPECT_THAT(Enter("Anew", Key('l', 'i')), Refuses(Reason::kAlreadyLinked));
  interlinks().SetHealth(IdOf<store::InterlinkId>('k'),
                         api::INTERLINK_HEALTH_PAUSED);
  EXPECT_THAT(Enter("Anew", Key('l', 'i')), Refuses(Reason::kAlreadyLinked));
  interlinks().SetHealth(IdOf<store::InterlinkId>('k'),
                         api::INTERLINK_HEALTH_ORPHANED);
  EXPECT_THAT(Enter("Anew", Key('l', 'i')), IsOk());
  EXPECT_THAT(Names(), ElementsAre("Mike", "Anew"));
}

// Only the issuer knows what becomes of the key meanwhile.
TEST_F(KeyEntryTest, TheKeyOfALinkedAccountIsNotPromisedToStayGood) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  EXPECT_THAT(
      Enter("Anew", Key('l', 'i')),
      Refuses(Reason::kAlreadyLinked,
              AllOf(HasSubstr("delete that interlink first, then enter this "
                              "key again"),
                    HasSubstr("whether it is still good is for the other "
                              "account to say"))));
}

// Whoever meets the name may have forgotten the row that has it.
TEST_F(KeyEntryTest, ANameThatIsTakenSaysByWhatRowAndWhatToDo) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  for (const auto& [state, told] :
       {std::pair(store::v1::ROW_STATE_LINKING, "its key is still being tried"),
        std::pair(store::v1::ROW_STATE_PENDING, "show that key again"),
        std::pair(store::v1::ROW_STATE_FAILED, "has failed"),
        std::pair(store::v1::ROW_STATE_ESTABLISHED, "which is linked")}) {
    Change("Mike", state);
    EXPECT_THAT(
        interlinks().CheckName("mike", nullptr),
        Refuses(Reason::kNameTaken,
                AllOf(StartsWith("another interlink is named \"Mike\""),
                      HasSubstr(told), HasSubstr("choose another name"))));
  }
}

// Whoever has only claimed the id of an account keeps nobody from linking it.
TEST_F(KeyEntryTest, AnAccountThatProvesItsIdIsNotTheOneThatClaimsIt) {
  AuthorizationKey proven = Key('k', 'i');
  proven.issuer_account_id = AccountIdOf(proven.issuer_root_spki_sha256);
  AuthorizationKey claimed = proven;
  claimed.interlink_id = IdOf<store::InterlinkId>('c');
  claimed.issuer_root_spki_sha256 = std::string(32, 'x');
  ASSERT_THAT(Enter("Claimed", claimed), IsOk());
  EXPECT_THAT(Enter("Proven", proven), IsOk());
  AuthorizationKey again = proven;
  again.interlink_id = IdOf<store::InterlinkId>('l');
  EXPECT_THAT(Enter("Again", again), Refuses(Reason::kAlreadyLinked));
}

TEST_F(KeyEntryTest, AFailedRowOfThatNameIsReplacedAndItsSettingsAreKept) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  Change("Mike", store::v1::ROW_STATE_FAILED, "m.test:1", true, "8");
  ASSERT_THAT(Enter("Mike", Key('l', 'i')), IsOk());
  EXPECT_EQ(TombstoneOf('k').removal().cause(),
            store::v1::REMOVAL_CAUSE_DELETED_HERE);
  EXPECT_THAT(Names(), ElementsAre("Mike"));
  EXPECT_EQ(Named("Mike").record.manual_address(), "m.test:1");
  EXPECT_EQ(Named("Mike").record.dial_prefix(), "8");
  EXPECT_TRUE(Named("Mike").record.paused());
  // An address and a pause that were set for another account are not.
  Change("Mike", store::v1::ROW_STATE_FAILED, "m.test:1", true, "8");
  ASSERT_THAT(Enter("Mike", Key('m', 'j')), IsOk());
  EXPECT_EQ(Named("Mike").record.manual_address(), "");
  EXPECT_EQ(Named("Mike").record.dial_prefix(), "8");
  EXPECT_FALSE(Named("Mike").record.paused());
}

TEST_F(KeyEntryTest, AFailedRowIsTriedAgainWithItsOwnKey) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  const std::string attempt = Named("Mike").record.entered_key().redeem_id();
  Change("Mike", store::v1::ROW_STATE_FAILED);
  EXPECT_THAT(Enter("Other", Key('k', 'i')), Refuses(Reason::kAlreadyLinked));
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  EXPECT_TRUE(Named("Mike").Is(store::v1::ROW_STATE_LINKING));
  EXPECT_NE(Named("Mike").record.entered_key().redeem_id(), attempt);
}

TEST_F(KeyEntryTest, ANameThatIsTakenAndAFullAccountAreRefused) {
  ASSERT_THAT(Enter("Mike", Key('k', 'i')), IsOk());
  EXPECT_THAT(Enter("mike", Key('l', 'j')), Refuses(Reason::kNameTaken));
  settings_.max_interlinks = 1;
  EXPECT_THAT(Enter("Tim", Key('l', 'j')), Refuses(Reason::kLimitReached));
  settings_.max_interlinks = 2;
  EXPECT_THAT(Enter("Tim", Key('l', 'j')), IsOk());
}

}  // namespace
}  // namespace interlink::federation
