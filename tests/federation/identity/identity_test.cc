#include "federation/identity/identity.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "federation/identity/peer_verification.h"
#include "rocksdb/env.h"
#include "store/records.h"
#include "store/rocksdb/database.h"
#include "tests/federation/identity/test_time.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using testing::IsOk;
using testing::StatusIs;

class IdentityTest : public ::testing::Test {
 protected:
  IdentityTest() { Open(); }

  void Open() {
    database_.reset();
    database_ = *store::OpenRocksDb("/store", disk_.get());
  }
  Identity Load() {
    return *Identity::LoadOrCreate(*database_, randomness_, kNow);
  }
  // The leaf, then the root.
  static std::vector<Certificate> Presented(const Leaf& leaf) {
    return *Certificate::ListFromPem(leaf.chain_pem);
  }

  std::unique_ptr<rocksdb::Env> disk_{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  testing::SeededRandomness randomness_{1};
  std::unique_ptr<store::Database> database_;
};

TEST_F(IdentityTest, IsMadeOnceAndKept) {
  const Identity first = Load();
  Open();
  const Identity second = Load();
  EXPECT_EQ(second.account_id(), first.account_id());
  EXPECT_EQ(second.root().ToDer(), first.root().ToDer());
  EXPECT_EQ(second.root_spki_sha256(), first.root_spki_sha256());
  EXPECT_EQ(first.root_spki_sha256(), first.root().SpkiSha256());
  EXPECT_NE(first.account_id(), store::AccountId());
}

// So nobody can claim the id of another account before that account does.
TEST_F(IdentityTest, TheIdFollowsFromTheRoot) {
  const Identity identity = Load();
  EXPECT_EQ(identity.account_id().ToBytes(),
            identity.root_spki_sha256().substr(0, 16));
  EXPECT_EQ(AccountIdOf(identity.root_spki_sha256()), identity.account_id());
}

TEST_F(IdentityTest, AnOlderAccountKeepsItsRandomId) {
  Load();
  const std::string key(store::kAccountKey);
  auto record =
      *store::Decode<store::v1::AccountRecord>((*database_->Get(key))->value);
  record.set_account_id(std::string(16, 'r'));
  ASSERT_TRUE(
      database_->Commit({}, {store::Op::Put(key, store::Encode(record))}).ok());
  Open();
  EXPECT_EQ(Load().account_id().ToBytes(), std::string(16, 'r'));
}

TEST_F(IdentityTest, TheRootIsASelfSignedCaForAllTimes) {
  const Identity identity = Load();
  EXPECT_TRUE(identity.root().IsSelfSignedRoot());
  EXPECT_EQ(identity.root().NotBefore(), WallTime());
  EXPECT_GT(identity.root().NotAfter(), kNow + 24h * 365 * 200);
  EXPECT_EQ(identity.root().AccountName(), std::nullopt);
}

TEST_F(IdentityTest, ItsLeavesPassAtItsPeersOnBothSides) {
  const Identity identity = Load();
  Open();
  auto leaf = Load().IssueLeaf(kNow);  // By the root as it was read back.
  ASSERT_THAT(leaf, IsOk());
  const auto presented = Presented(*leaf);
  ASSERT_EQ(presented.size(), 2u);
  EXPECT_EQ(presented[1].ToDer(), identity.root().ToDer());
  const PeerPin pin{identity.account_id(), {identity.root().ToDer()}, {}};
  for (TlsSide side : {TlsSide::kClient, TlsSide::kServer}) {
    EXPECT_THAT(
        VerifyPeer(pin, {presented[0].ToPem(), leaf->chain_pem}, side, kNow),
        IsOk());
  }
}

TEST_F(IdentityTest, ALeafIsBackdatedByAnHourAndLives30Days) {
  auto leaf = Load().IssueLeaf(kNow);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(leaf->not_before, kNow - 1h);
  EXPECT_EQ(leaf->not_after, kNow + 30 * 24h);
  const Certificate certificate = Presented(*leaf)[0];
  EXPECT_EQ(certificate.NotBefore(), leaf->not_before);
  EXPECT_EQ(certificate.NotAfter(), leaf->not_after);
}

TEST_F(IdentityTest, ALeafNamesTheAccountForOursAndForStockClients) {
  const Identity identity = Load();
  const Certificate leaf = Presented(*identity.IssueLeaf(kNow))[0];
  EXPECT_EQ(leaf.AccountName(), identity.account_id());
  const std::string host =
      identity.account_id().ToHex() + ".interlink.internal";
  EXPECT_EQ(X509_check_host(leaf.get(), host.c_str(), host.size(), 0, nullptr),
            1);
  EXPECT_EQ(X509_check_ca(leaf.get()), 0);
}

TEST_F(IdentityTest, EachLeafHasAKeyAndASerialOfItsOwn) {
  const Identity identity = Load();
  const auto one = *identity.IssueLeaf(kNow);
  const auto two = *identity.IssueLeaf(kNow);
  EXPECT_NE(one.private_key_pem, two.private_key_pem);
  EXPECT_NE(Presented(one)[0].SpkiSha256(), Presented(two)[0].SpkiSha256());
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(Presented(one)[0].get()),
                             X509_get0_serialNumber(Presented(two)[0].get())),
            0);
}

TEST_F(IdentityTest, ThePrivateKeyIsTheLeafs) {
  const auto leaf = *Load().IssueLeaf(kNow);
  BIO* bio = BIO_new_mem_buf(leaf.private_key_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(X509_check_private_key(Presented(leaf)[0].get(), key), 1);
  EVP_PKEY_free(key);
  BIO_free(bio);
}

TEST_F(IdentityTest, ADamagedRecordIsRefusedAndNotReplaced) {
  Load();
  const std::string key(store::kAccountKey);
  auto entry = *database_->Get(key);
  auto good = *store::Decode<store::v1::AccountRecord>(entry->value);
  const auto load = [&](auto damage) {
    store::v1::AccountRecord record = good;
    damage(record);
    EXPECT_THAT(
        database_->Commit({}, {store::Op::Put(key, store::Encode(record))}),
        IsOk());
    return Identity::LoadOrCreate(*database_, randomness_, kNow);
  };
  const auto kDataLoss = absl::StatusCode::kDataLoss;
  EXPECT_THAT(load([](auto& r) { r.clear_root_private_key(); }),
              StatusIs(kDataLoss));
  EXPECT_THAT(load([](auto& r) { r.set_root_certificate("x"); }),
              StatusIs(kDataLoss));
  EXPECT_THAT(load([](auto& r) { r.set_account_id("short"); }),
              StatusIs(kDataLoss));
  EXPECT_THAT(load([](auto&) {}), IsOk());
  ASSERT_THAT(database_->Commit({}, {store::Op::Put(key, "damaged")}), IsOk());
  EXPECT_THAT(Identity::LoadOrCreate(*database_, randomness_, kNow),
              StatusIs(kDataLoss));
}

}  // namespace
}  // namespace interlink::federation
