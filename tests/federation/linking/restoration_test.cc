#include "federation/account.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "federation/identity/proof.h"
#include "federation/ledger/interlink_view.h"
#include "federation/linking/authorization_key.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"
#include "tests/support/temp_dir.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using ::testing::Contains;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Refuses;
using testing::SimulatedAccount;

// Answers no call.
class NoPeers : public PeerClient {
 public:
  void Redeem(const PeerTarget&, const v1::RedeemRequest&, Duration,
              Done<v1::RedeemResponse>) override {}
  void Lookup(const PeerTarget&, const v1::LookupRequest&, Duration,
              Done<v1::LookupResponse>) override {}
  void Terminate(const PeerTarget&, const v1::TerminateRequest&, Duration,
                 Done<v1::TerminateResponse>) override {}
  std::unique_ptr<PeerStream> Session(const PeerTarget&) override {
    return std::make_unique<SilentStream>();
  }

 private:
  struct SilentStream : PeerStream {
    void Open(Events&) override {}
    void Send(const v1::SessionMessage&) override {}
    void Close(absl::Status) override {}
    void Admit(store::InterlinkId) override {}
  };
};

// An account on the disk, which a copy can be made of.
class BackupTest : public ::testing::Test {
 protected:
  void Open(const std::string& store) {
    account_.reset();
    database_.reset();
    database_ = *store::OpenRocksDb(dir_.path() + "/" + store);
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
    return account_->issuer().GenerateKey(request)->key();
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

  // Redeems as an account would that has the key and nothing else.
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
    request.set_proof(RedeemProof(
        ProofKey(key.secret),
        {key.interlink_id, key.issuer_account_id, key.issuer_root_spki_sha256},
        request.body()));
    const auto chain = *Certificate::ListFromPem(
        redeemer.IssueLeaf(time_.WallNow())->chain_pem);
    return account_->redemptions().Redeem(
        {{chain[0].ToPem(), chain[1].ToPem()}, "john.test:1"}, request);
  }

  testing::TempDir dir_;
  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{7};
  NoPeers peers_;
  AccountSettings settings_{.account_name = "Mike",
                            .addresses = {"mike.test:7443"}};
  std::unique_ptr<store::Database> database_;
  std::optional<Identity> identity_;
  std::unique_ptr<Account> account_;
};

TEST_F(BackupTest, APendingKeyIsVoidInACopyAndGoodInTheOriginal) {
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

TEST_F(BackupTest, ACopyWithoutPendingKeysOpensToo) {
  Open("store");
  ASSERT_THAT(database_->Backup(dir_.path() + "/copy"), IsOk());
  Open("copy");
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_FALSE(IsStamped());
}

TEST_F(BackupTest, TheStampIsTakenOffSoThatNewKeysStayGood) {
  Open("store");
  GenerateKey("John");
  ASSERT_THAT(database_->Backup(dir_.path() + "/copy"), IsOk());
  Open("copy");
  EXPECT_FALSE(IsStamped());
  GenerateKey("Tim");
  Open("copy");
  ASSERT_EQ(Rows().size(), 2u);
  EXPECT_EQ(Rows()[1].state(), api::INTERLINK_STATE_PENDING);
  // And a copy of the copy is a copy.
  ASSERT_THAT(database_->Backup(dir_.path() + "/again"), IsOk());
  Open("again");
  EXPECT_EQ(Rows()[1].state(), api::INTERLINK_STATE_FAILED);
}

TEST_F(BackupTest, ACopyIsTheSameAccount) {
  Open("store");
  const auto id = identity_->account_id();
  api::CreateNumberRequest request;
  request.mutable_number()->set_number("201");
  ASSERT_THAT(account_->numbers().Create(request), IsOk());
  ASSERT_THAT(database_->Backup(dir_.path() + "/copy"), IsOk());
  Open("copy");
  EXPECT_EQ(identity_->account_id(), id);
  EXPECT_THAT(account_->numbers().Get("201"), IsOk());
}

class KeyLifeTest : public ::testing::Test {
 protected:
  absl::StatusOr<api::GenerateKeyResponse> Generate(int64_t seconds,
                                                    int32_t nanos = 0) {
    api::GenerateKeyRequest request;
    request.set_name("key " + std::to_string(++count_));
    request.mutable_expires_in()->set_seconds(seconds);
    request.mutable_expires_in()->set_nanos(nanos);
    return mike_.account().issuer().GenerateKey(request);
  }
  int64_t LifeOf(const api::GenerateKeyResponse& response) {
    return response.interlink().key_expire_time().seconds() -
           response.interlink().create_time().seconds();
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  SimulatedAccount mike_{time_, network_, "Mike"};
  int count_ = 0;
};

TEST_F(KeyLifeTest, IsSevenDaysIfNothingIsSaid) {
  api::GenerateKeyRequest request;
  request.set_name("John");
  auto response = mike_.account().issuer().GenerateKey(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(LifeOf(*response), 7 * 24 * 3600);
}

TEST_F(KeyLifeTest, IsFiveMinutesTo90Days) {
  auto shortest = Generate(300);
  ASSERT_THAT(shortest, IsOk());
  EXPECT_EQ(LifeOf(*shortest), 300);
  EXPECT_THAT(Generate(90 * 24 * 3600), IsOk());
  for (int64_t seconds : {int64_t{1}, int64_t{299}, int64_t{90 * 24 * 3600 + 1},
                          int64_t{-1}, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(Generate(seconds), Refuses(Reason::kRequestInvalid)) << seconds;
  }
  EXPECT_THAT(Generate(0, 1), Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Generate(0, -1), Refuses(Reason::kRequestInvalid));
}

TEST_F(KeyLifeTest, ZeroIsForEver) {
  auto response = Generate(0);
  ASSERT_THAT(response, IsOk());
  EXPECT_FALSE(response->interlink().has_key_expire_time());
  auto key = AuthorizationKey::Parse(response->key());
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->expire_time, std::nullopt);
  time_.Advance(24h * 400);
  EXPECT_EQ(mike_.Rows()[0].state(), api::INTERLINK_STATE_PENDING);
}

TEST_F(KeyLifeTest, ARefusedKeyLeavesNoRow) {
  EXPECT_FALSE(Generate(1).ok());
  EXPECT_THAT(mike_.Rows(), IsEmpty());
}

TEST_F(KeyLifeTest, TheKeySaysWhatTheRowSays) {
  auto response = *Generate(600);
  auto key = *AuthorizationKey::Parse(response.key());
  EXPECT_EQ(key.interlink_id.ToHex(), response.interlink().id());
  EXPECT_EQ(key.addresses, mike_.settings.addresses);
  EXPECT_EQ(std::chrono::system_clock::to_time_t(*key.expire_time),
            response.interlink().key_expire_time().seconds());
}

TEST_F(KeyLifeTest, AtItsEndTheRowTurnsRedAndTheSecretGoes) {
  const auto response = *Generate(300);
  time_.Advance(299s);
  EXPECT_EQ(mike_.Rows()[0].state(), api::INTERLINK_STATE_PENDING);
  time_.Advance(2min);
  ASSERT_EQ(mike_.Rows()[0].state(), api::INTERLINK_STATE_FAILED);
  EXPECT_EQ(mike_.Rows()[0].last_error().reason(), "KEY_EXPIRED");
  const auto entry = *mike_.database().Get(store::InterlinkKey(
      *store::InterlinkId::FromHex(response.interlink().id())));
  EXPECT_EQ(entry->value.find(response.key()), std::string::npos);
}

}  // namespace
}  // namespace interlink::federation
