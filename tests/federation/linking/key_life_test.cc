#include <gtest/gtest.h>

#include "federation/linking/authorization_key.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Refuses;
using testing::SimulatedAccount;

class KeyLifeTest : public ::testing::Test {
 protected:
  absl::StatusOr<api::GenerateKeyResponse> Generate(int64_t seconds,
                                                    int32_t nanos = 0) {
    api::GenerateKeyRequest request;
    request.set_name("key " + std::to_string(++count_));
    request.mutable_expires_in()->set_seconds(seconds);
    request.mutable_expires_in()->set_nanos(nanos);
    return mike_.GenerateKey(request);
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

TEST_F(KeyLifeTest, IsSevenDaysByDefault) {
  api::GenerateKeyRequest request;
  request.set_name("John");
  auto response = mike_.GenerateKey(request);
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

TEST_F(KeyLifeTest, ZeroIsNoExpiry) {
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

TEST_F(KeyLifeTest, TheKeyAndItsRowAgree) {
  auto response = *Generate(600);
  auto key = *AuthorizationKey::Parse(response.key());
  EXPECT_EQ(key.interlink_id.ToHex(), response.interlink().id());
  EXPECT_EQ(key.addresses, mike_.settings.addresses);
  EXPECT_EQ(std::chrono::system_clock::to_time_t(*key.expire_time),
            response.interlink().key_expire_time().seconds());
}

TEST_F(KeyLifeTest, AnExpiredKeyTurnsItsRowRedAndLosesItsSecret) {
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
