#include "federation/ledger/call_secrets.h"

#include <gtest/gtest.h>

#include "federation/identity/identity.h"
#include "federation/identity/proof.h"
#include "rocksdb/env.h"
#include "store/records.h"
#include "store/rocksdb/database.h"
#include "tests/support/seeded_randomness.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using testing::IsOk;

class CallSecretsTest : public ::testing::Test {
 protected:
  CallSecretsTest() {
    Identity::LoadOrCreate(*database_, randomness_, time_.WallNow()).value();
  }
  std::unique_ptr<CallSecrets> Open() {
    return *CallSecrets::Open(*database_, randomness_, clock_);
  }
  store::v1::AccountRecord Record() {
    const auto entry = *database_->Get(store::kAccountKey);
    return *store::Decode<store::v1::AccountRecord>(entry->value);
  }
  void Renew(const CallSecrets& secrets) {
    auto op = secrets.Renewed();
    ASSERT_THAT(op, IsOk());
    ASSERT_THAT(database_->Commit({}, {*op}), IsOk());
  }

  const std::unique_ptr<rocksdb::Env> env_{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{7};
  CallClock clock_{loop_};
  const std::unique_ptr<store::Database> database_ =
      *store::OpenRocksDb("/store", env_.get());
  const store::InterlinkId id_ =
      *store::InterlinkId::FromBytes(std::string(16, 'i'));
};

TEST_F(CallSecretsTest, ASecretIsMadeOnceAndKept) {
  const std::string key = Open()->KeyOf(id_);
  ASSERT_EQ(Record().call_secret().size(), 32u);
  EXPECT_EQ(key, CallKey(Record().call_secret(), id_));
  EXPECT_EQ(Open()->KeyOf(id_), key);
}

TEST_F(CallSecretsTest, AnAccountOfAnEarlierVersionKeepsItsIdentity) {
  const std::string root = Record().root_private_key();
  Open();
  EXPECT_EQ(Record().root_private_key(), root);
}

TEST_F(CallSecretsTest, EachLinkHasItsOwnKey) {
  const auto secrets = Open();
  EXPECT_NE(secrets->KeyOf(id_), secrets->KeyOf(store::InterlinkId()));
}

TEST_F(CallSecretsTest, TheFormerSecretCountsForALifeAfterItWasRenewed) {
  const auto secrets = Open();
  EXPECT_EQ(secrets->FormerKeyOf(id_, 180s), "");
  const std::string former = secrets->KeyOf(id_);
  Renew(*secrets);
  EXPECT_NE(secrets->KeyOf(id_), former);
  time_.Advance(180s);
  EXPECT_EQ(secrets->FormerKeyOf(id_, 180s), former);
  EXPECT_EQ(Open()->FormerKeyOf(id_, 180s), former);
  time_.Advance(1s);
  EXPECT_EQ(secrets->FormerKeyOf(id_, 180s), "");
}

// A thread that answers may ask for the key of a link that has just gone.
TEST_F(CallSecretsTest, AKeyIsKeptOnlyFromRememberToForget) {
  const auto secrets = Open();
  const std::string key = secrets->KeyOf(id_);
  EXPECT_EQ(secrets->kept(), 0u);
  secrets->Remember(id_);
  EXPECT_EQ(secrets->kept(), 1u);
  EXPECT_EQ(secrets->KeyOf(id_), key);
  secrets->Forget(id_);
  EXPECT_EQ(secrets->KeyOf(id_), key);
  EXPECT_EQ(secrets->kept(), 0u);
}

TEST_F(CallSecretsTest, ARenewedSecretMakesNewKeysOfTheLinksThatStand) {
  const auto secrets = Open();
  secrets->Remember(id_);
  const std::string before = secrets->KeyOf(id_);
  Renew(*secrets);
  EXPECT_NE(secrets->KeyOf(id_), before);
  EXPECT_EQ(secrets->KeyOf(id_), CallKey(Record().call_secret(), id_));
  EXPECT_EQ(secrets->kept(), 1u);
}

}  // namespace
}  // namespace interlink::federation
