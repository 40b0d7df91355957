#include "federation/linking/restoration.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "federation/account.h"
#include "federation/identity/proof.h"
#include "federation/ledger/interlink_view.h"
#include "federation/linking/authorization_key.h"
#include "store/rocksdb/database.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/awaited.h"
#include "tests/support/awaited_numbers.h"
#include "tests/support/no_peers.h"
#include "tests/support/seeded_randomness.h"
#include "tests/support/temp_dir.h"
#include "tests/support/virtual_writer.h"

namespace interlink::federation {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Refuses;

// An account on the disk, so that a copy can be made of it.
class RestorationTest : public ::testing::Test {
 protected:
  void Open(const std::string& store) {
    account_.reset();
    database_.reset();
    database_ =
        *store::OpenRocksDb(dir_.path() + "/" + store, nullptr,
                            testing::VirtualWriter::WorkplaceOf(time_, loop_));
    identity_ =
        *Identity::LoadOrCreate(*database_, randomness_, time_.WallNow());
    auto account = Account::Open(settings_, *identity_, *database_, loop_,
                                 randomness_, peers_);
    ASSERT_THAT(account, IsOk());
    account_ = *std::move(account);
  }
  std::string GenerateKey(const std::string& name) {
    api::GenerateKeyRequest request;
    request.set_name(name);
    return testing::Await<absl::StatusOr<api::GenerateKeyResponse>>(
               time_,
               [&](auto done) {
                 account_->issuer().GenerateKey(request, std::move(done));
               })
        ->key();
  }
  std::vector<api::Interlink> Rows() {
    auto response = *ListInterlinks(account_->interlinks(), {});
    return {response.interlinks().begin(), response.interlinks().end()};
  }
  std::vector<std::string> EventKinds() {
    std::vector<std::string> kinds;
    const auto response = *account_->events().List({});
    for (const auto& event : response.events()) {
      kinds.push_back(event.kind());
    }
    return kinds;
  }
  bool IsStamped() {
    const auto entry = *database_->Get(store::kFormatKey);
    return store::Decode<store::v1::FormatRecord>(entry->value)->is_backup();
  }

  // Redeems as an account that has the key and nothing else.
  absl::StatusOr<v1::RedeemResponse> Redeem(const std::string& text,
                                            const Identity& redeemer) {
    const auto key = *AuthorizationKey::Parse(text);
    v1::RedeemBody body;
    body.set_redeem_id(std::string(16, 'r'));
    body.set_account_id(redeemer.account_id().ToBytes());
    body.set_account_name("John");
    body.set_root_certificate(redeemer.root().ToDer());
    body.set_contact("sip:{number}@john.test");
    body.set_protocol_min(1);
    body.set_protocol_max(1);
    v1::RedeemRequest request;
    request.set_interlink_id(key.interlink_id.ToBytes());
    request.set_body(body.SerializeAsString());
    request.set_proof(
        RedeemProof(ProofKey(key.secret), key.proof_context(), request.body()));
    const auto chain = *Certificate::ListFromPem(
        redeemer.IssueLeaf(time_.WallNow())->chain_pem);
    return testing::Await<absl::StatusOr<v1::RedeemResponse>>(
        time_, [&](auto done) {
          account_->redemptions().Redeem(
              {{chain[0].ToPem(), chain[1].ToPem()}, "john.test:1"}, request,
              std::move(done));
        });
  }

  testing::TempDir dir_;
  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{7};
  testing::NoPeers peers_{loop_};
  AccountSettings settings_{.account_name = "Mike",
                            .addresses = {"mike.test:7443"}};
  std::unique_ptr<store::Database> database_;
  std::optional<Identity> identity_;
  std::unique_ptr<Account> account_;
};

TEST_F(RestorationTest, APendingKeyIsRevokedInACopyAndGoodInTheOriginal) {
  Open("store");
  const std::string key = GenerateKey("John");
  ASSERT_THAT(database_->Backup(dir_.path() + "/copy"), IsOk());
  EXPECT_FALSE(IsStamped());

  Open("copy");
  ASSERT_EQ(Rows().size(), 1u);
  EXPECT_EQ(Rows()[0].state(), api::INTERLINK_STATE_FAILED);
  EXPECT_EQ(Rows()[0].indicator(), api::INDICATOR_RED);
  EXPECT_EQ(Rows()[0].last_error().reason(), "KEY_REVOKED");
  EXPECT_THAT(EventKinds(), Contains("KEY_REVOKED"));
  api::ShowKeyRequest show;
  show.set_id(Rows()[0].id());
  EXPECT_THAT(account_->issuer().ShowKey(show),
              Refuses(Reason::kKeyNotPending));
  const auto other = std::unique_ptr<store::Database>(
      *store::OpenRocksDb(dir_.path() + "/john"));
  const auto john =
      *Identity::LoadOrCreate(*other, randomness_, time_.WallNow());
  EXPECT_THAT(Redeem(key, john), Refuses(Reason::kKeyRevoked));

  Open("store");
  EXPECT_THAT(Redeem(key, john), IsOk());
}

TEST_F(RestorationTest, ACopyWithoutPendingKeysOpensToo) {
  Open("store");
  ASSERT_THAT(database_->Backup(dir_.path() + "/copy"), IsOk());
  Open("copy");
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_FALSE(IsStamped());
}

TEST_F(RestorationTest, TheStampIsTakenOffSoThatNewKeysStayGood) {
  Open("store");
  GenerateKey("John");
  ASSERT_THAT(database_->Backup(dir_.path() + "/copy"), IsOk());
  Open("copy");
  EXPECT_FALSE(IsStamped());
  time_.Advance(std::chrono::seconds(1));
  GenerateKey("Tim");
  Open("copy");
  ASSERT_EQ(Rows().size(), 2u);
  EXPECT_EQ(Rows()[1].state(), api::INTERLINK_STATE_PENDING);
  // A copy of the copy is one, too.
  ASSERT_THAT(database_->Backup(dir_.path() + "/again"), IsOk());
  Open("again");
  EXPECT_EQ(Rows()[1].state(), api::INTERLINK_STATE_FAILED);
}

TEST_F(RestorationTest, ACopyIsTheSameAccount) {
  Open("store");
  const auto id = identity_->account_id();
  api::CreateNumberRequest request;
  request.mutable_number()->set_number("201");
  ASSERT_THAT(
      testing::AwaitedNumbers(time_, account_->numbers()).Create(request),
      IsOk());
  ASSERT_THAT(database_->Backup(dir_.path() + "/copy"), IsOk());
  Open("copy");
  EXPECT_EQ(identity_->account_id(), id);
  EXPECT_THAT(account_->numbers().Get("201"), IsOk());
}

}  // namespace
}  // namespace interlink::federation
