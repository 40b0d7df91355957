// Backups and older copies that are put back (design.md section 10, restore
// safety): no key links a second account, and no deletion that the peer heard
// of is undone.

#include "federation/identity/proof.h"
#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

using Copy = SimulatedAccount::GenerationFile;

class RestoreTest : public AccountsTest {
 protected:
  // Mike's key, redeemed by John only after the copy was made.
  std::string KeyUsedSince(std::string* copy, bool is_backup) {
    const std::string key = *mike.GenerateKey("John Smith");
    *copy = is_backup ? *mike.BackUp() : mike.Snapshot();
    EXPECT_THAT(john.Link("Mike Brown", key), IsOk());
    Advance(5s);
    return key;
  }
  api::Interlink Only(const SimulatedAccount& account) {
    const auto rows = account.Rows();
    EXPECT_THAT(rows, SizeIs(1)) << account.name();
    return rows.empty() ? api::Interlink() : rows[0];
  }
};

TEST_F(RestoreTest, AKeyThatWasUsedAfterABackupLinksNobodyElse) {
  std::string backup;
  const std::string key = KeyUsedSince(&backup, true);
  mike.Restore(backup);
  EXPECT_THAT(tim.Link("Mike Brown", key), HasReason(Reason::kKeyRevoked));
  EXPECT_THAT(mike.EventKinds(), Contains("RESTORED"));
  EXPECT_TRUE(mike.account().Describe().has_restore_time());
}

TEST_F(RestoreTest, TheFileBesideTheStoreShowsAnOlderCopy) {
  std::string snapshot;
  const std::string key = KeyUsedSince(&snapshot, false);
  mike.PutBack(snapshot, Copy::kKept);
  EXPECT_THAT(tim.Link("Mike Brown", key), HasReason(Reason::kKeyRevoked));
  EXPECT_THAT(mike.EventKinds(), Contains("RESTORED"));
}

TEST_F(RestoreTest, APeerShowsThatTheStoreIsAnOlderCopy) {
  Link(mike, tim);
  Advance(5s);
  std::string snapshot;
  const std::string key = KeyUsedSince(&snapshot, false);
  // Tim hears of the new generation with the next session.
  network.BreakSessions(mike, tim);
  Advance(5s);
  network.Cut(john, mike);  // The redeemer of the key cannot say so.
  mike.PutBack(snapshot, Copy::kPutBack);
  ASSERT_EQ(mike.Row("John Smith")->state(), api::INTERLINK_STATE_PENDING);
  Advance(10s);
  EXPECT_EQ(mike.Row("John Smith")->state(), api::INTERLINK_STATE_FAILED);
  EXPECT_THAT(mike.EventKinds(), Contains("RESTORED"));
  EXPECT_EQ(mike.Row("Tim Andrews")->indicator(), api::INDICATOR_GREEN);
}

TEST_F(RestoreTest, APeerWhoseSessionIsOlderThanTheKeyShowsItToo) {
  Link(mike, tim);
  Advance(1min);
  std::string snapshot;
  const std::string key = KeyUsedSince(&snapshot, false);
  john.Crash();  // The redeemer of the key is away.
  mike.PutBack(snapshot, Copy::kPutBack);
  ASSERT_EQ(mike.Row("John Smith")->state(), api::INTERLINK_STATE_PENDING);
  Advance(10s);
  EXPECT_EQ(mike.Row("John Smith")->state(), api::INTERLINK_STATE_FAILED);
  EXPECT_THAT(mike.EventKinds(), Contains("RESTORED"));
  SimulatedAccount anna{time, network, "Anna Jones"};
  EXPECT_THAT(anna.Link("Mike Brown", key), HasReason(Reason::kKeyRevoked));
}

TEST_F(RestoreTest, AGenerationThatThePeerHasNotStoredYetIsQuotedToo) {
  Link(mike, tim);
  Advance(1min);
  // More generations than Tim stores in so short a time.
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(mike.GenerateKey("key " + std::to_string(i)), IsOk());
    Advance(1s);
  }
  std::string snapshot;
  KeyUsedSince(&snapshot, false);
  john.Crash();
  mike.PutBack(snapshot, Copy::kPutBack);
  Advance(10s);
  EXPECT_EQ(mike.Row("John Smith")->state(), api::INTERLINK_STATE_FAILED);
}

TEST_F(RestoreTest, ManyNewGenerationsAreToldTogether) {
  Link(mike, tim);
  Advance(1min);
  const auto before = tim.database().revision();
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(mike.GenerateKey("key " + std::to_string(i)), IsOk());
    Advance(50ms);
  }
  Advance(1min);
  EXPECT_LE(tim.database().revision() - before, 8u);
  const auto& row = *tim.account().interlinks().rows().begin();
  EXPECT_EQ(row.second.record.peer().generation(),
            mike.account().generation().count());
}

TEST_F(RestoreTest, AnOlderCopyThatHasCountedAsFarSinceIsFoundToo) {
  Link(mike, tim);
  Advance(1min);
  std::string snapshot;
  KeyUsedSince(&snapshot, false);
  const uint64_t told = mike.account().generation().count();
  john.Crash();
  tim.Crash();
  mike.PutBack(snapshot, Copy::kPutBack);
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(mike.GenerateKey("key " + std::to_string(i)), IsOk());
  }
  // The run after that is ahead of all that Tim was told.
  mike.Crash();
  mike.Start();
  ASSERT_THAT(mike.GenerateKey("another run"), IsOk());
  ASSERT_LT(told, mike.account().generation().count());
  tim.Start();
  Advance(2min);
  EXPECT_EQ(mike.Row("John Smith")->state(), api::INTERLINK_STATE_FAILED);
  EXPECT_THAT(mike.EventKinds(), Contains("RESTORED"));
  // Found once, and what is counted from then on is taken.
  const std::string fresh = *mike.GenerateKey("fresh");
  for (int i = 0; i < 40; ++i) {
    mike.Crash();
    mike.Start();
    ASSERT_THAT(mike.GenerateKey("run " + std::to_string(i)), IsOk());
    Advance(10s);
  }
  EXPECT_EQ(mike.Row("fresh")->state(), api::INTERLINK_STATE_PENDING);
  const auto kinds = mike.EventKinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "RESTORED"), 1);
}

TEST_F(RestoreTest, TheRedeemerShowsThatTheKeyWasUsed) {
  std::string snapshot;
  const std::string key = KeyUsedSince(&snapshot, false);
  mike.PutBack(snapshot, Copy::kPutBack);
  Advance(10s);
  EXPECT_EQ(Only(mike).state(), api::INTERLINK_STATE_FAILED);
  EXPECT_THAT(tim.Link("Mike Brown", key), HasReason(Reason::kKeyRevoked));
  EXPECT_EQ(Only(john).health(), api::INTERLINK_HEALTH_ORPHANED);
}

TEST_F(RestoreTest, ADeletionByTheRedeemerShowsItToo) {
  std::string snapshot;
  const std::string key = KeyUsedSince(&snapshot, false);
  network.Cut(john, mike);
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  mike.PutBack(snapshot, Copy::kPutBack);
  network.Mend(john, mike);
  Advance(20min);
  EXPECT_EQ(Only(mike).state(), api::INTERLINK_STATE_FAILED);
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
}

// The older copy does not know that peer's link any more, but its own proof.
TEST_F(RestoreTest, APeerWhoseLinkIsLostShowsItToo) {
  ASSERT_THAT(mike.GenerateKey("Tim Andrews"), IsOk());
  const std::string snapshot = mike.Snapshot();
  Link(mike, john);
  Advance(5s);
  mike.PutBack(snapshot, Copy::kPutBack);
  Advance(10s);
  EXPECT_THAT(mike.EventKinds(), Contains("RESTORED"));
  EXPECT_EQ(Only(mike).state(), api::INTERLINK_STATE_FAILED);
}

TEST_F(RestoreTest, APeerCannotMakeUpAGeneration) {
  Link(mike, john);
  ASSERT_THAT(mike.GenerateKey("Tim Andrews"), IsOk());
  const auto id = *store::InterlinkId::FromHex(Only(john).id());
  federation::v1::Generation made_up = mike.account().generation().ToTell(id);
  const auto is_believed = [&] {
    return mike.account().generation().IsOfAnotherStore(id, made_up);
  };
  EXPECT_FALSE(is_believed());
  made_up.set_count(made_up.count() + 1);
  EXPECT_FALSE(is_believed());
  const auto proven = [&](store::InterlinkId link) {
    made_up.set_proof(federation::GenerationProof(
        mike.identity().generation_key(), link, made_up.count()));
    return is_believed();
  };
  EXPECT_TRUE(proven(id));
  // Nor hand on the generation that another peer was told.
  EXPECT_FALSE(proven(store::InterlinkId()));
}

TEST_F(RestoreTest, ALinkThatWasDeletedSinceDiesAtThePeersWord) {
  Link(mike, john);
  const std::string backup = *mike.BackUp();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(5s);
  ASSERT_THAT(john.Rows(), IsEmpty());
  mike.Restore(backup);
  ASSERT_THAT(mike.Rows(), SizeIs(1));
  Advance(10s);
  EXPECT_THAT(mike.Rows(), IsEmpty());
}

TEST_F(RestoreTest, ALinkThatStillStandsGoesOn) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  const std::string backup = *mike.BackUp();
  Advance(1min);
  mike.Restore(backup);
  Advance(10s);
  ExpectAgree(mike, john, 1);
  EXPECT_EQ(Only(mike).indicator(), api::INDICATOR_GREEN);
  EXPECT_THAT(mike.Resolve("201"), IsOk());
}

TEST_F(RestoreTest, ALinkMadeSinceIsAnOrphanAtThePeer) {
  const std::string backup = *mike.BackUp();
  Link(mike, john);
  mike.Restore(backup);
  Advance(30s);
  EXPECT_THAT(mike.Rows(), IsEmpty());
  EXPECT_EQ(Only(john).health(), api::INTERLINK_HEALTH_ORPHANED);
  EXPECT_EQ(Only(john).indicator(), api::INDICATOR_RED);
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());  // The way out.
  Link(mike, john);
}

TEST_F(RestoreTest, AKeyThatTheLinkedAccountEntersAgainHasNotLeaked) {
  const std::string copy = john.Snapshot();
  const std::string key = *mike.GenerateKey("John Smith");
  ASSERT_THAT(john.Link("Mike Brown", key), IsOk());
  EXPECT_THAT(tim.Link("Mike Brown", key), HasReason(Reason::kKeyAlreadyUsed));
  john.PutBack(copy, Copy::kKept);
  EXPECT_THAT(john.Link("Mike Brown", key), HasReason(Reason::kKeyAlreadyUsed));
  Advance(1s);
  std::vector<bool> speaks_of_a_leak;
  const auto log = *mike.account().events().List({});
  for (const api::Event& event : log.events()) {
    if (event.kind() != "KEY_REUSE_REFUSED") continue;
    speaks_of_a_leak.push_back(event.message().ends_with("has leaked"));
  }
  EXPECT_THAT(speaks_of_a_leak, UnorderedElementsAre(true, false));
  // What the sentence says is the way out.
  ASSERT_THAT(john.Link("Mike Brown", *mike.GenerateKey("anew")), IsOk());
  Advance(5s);
  ExpectAgree(mike, john, 1);
}

TEST_F(RestoreTest, AnOlderCopyIsFoundOnceAndNewKeysStayGood) {
  Link(mike, tim);
  std::string snapshot;
  KeyUsedSince(&snapshot, false);
  network.BreakSessions(mike, tim);
  Advance(5s);
  mike.PutBack(snapshot, Copy::kKept);
  Advance(10s);
  const std::string fresh = *mike.GenerateKey("fresh");
  for (int i = 0; i < 3; ++i) {
    mike.Crash();
    mike.Start();
    network.BreakSessions(mike, tim);
    Advance(10s);
  }
  EXPECT_EQ(mike.Row("fresh")->state(), api::INTERLINK_STATE_PENDING);
  const auto kinds = mike.EventKinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "RESTORED"), 1);
}

TEST_F(RestoreTest, AKeyGeneratedSinceStaysGoodWhenAPeerReturns) {
  Link(mike, tim);
  Advance(1min);
  const std::string backup = *mike.BackUp();
  // Restored twice: each time Tim has seen more than the copy knows, is away,
  // and returns when there is a new key.
  for (const std::string name : {"once", "twice"}) {
    for (int i = 0; i < 5; ++i) {
      ASSERT_THAT(mike.GenerateKey(name + std::to_string(i)), IsOk());
    }
    Advance(1min);
    tim.Crash();
    mike.Restore(backup);
    const std::string fresh = *mike.GenerateKey("fresh");
    Advance(1h);
    tim.Start();
    Advance(2min);
    ASSERT_EQ(mike.Row("Tim Andrews")->indicator(), api::INDICATOR_GREEN);
    EXPECT_EQ(mike.Row("fresh")->state(), api::INTERLINK_STATE_PENDING) << name;
    const auto kinds = mike.EventKinds();
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "RESTORED"), 1);
    // Tim stores the generation of the restored store.
    const auto& row = *tim.account().interlinks().rows().begin();
    EXPECT_EQ(row.second.record.peer().generation(),
              mike.account().generation().count());
  }
}

TEST_F(RestoreTest, RestoredAsNewItIsAnotherAccountWithTheSameNumbers) {
  Link(mike, john);
  ASSERT_THAT(mike.AddNumber("201"), IsOk());
  const std::string before = mike.identity().account_id().ToHex();
  const std::string backup = *mike.BackUp();
  mike.Restore(backup, store::RestoreMode::kAsNew);
  EXPECT_NE(mike.identity().account_id().ToHex(), before);
  EXPECT_THAT(mike.Rows(), IsEmpty());
  EXPECT_THAT(mike.Rows(/*removed=*/true), IsEmpty());
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_THAT(mike.Resolve("201"), IsOk());
  // John's link is with the account that is no more.
  Advance(1min);
  EXPECT_EQ(Only(john).indicator(), api::INDICATOR_AMBER);
}

}  // namespace
}  // namespace interlink::testing
