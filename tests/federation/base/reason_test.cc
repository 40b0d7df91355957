#include "federation/base/reason.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/cord.h"
#include "google/rpc/error.pb.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""ms;
using testing::Refuses;

// The table of design.md section 12, and REQUEST_INVALID for the rest.
const std::map<absl::StatusCode, std::set<std::string>> kPublished = {
    {absl::StatusCode::kInvalidArgument,
     {"KEY_DAMAGED", "SELF_LINK", "NAME_INVALID", "NUMBER_INVALID",
      "CONTACT_INVALID", "REQUEST_INVALID"}},
    {absl::StatusCode::kUnimplemented, {"KEY_VERSION"}},
    {absl::StatusCode::kPermissionDenied,
     {"INVALID_KEY", "NOT_PERMITTED", "CALL_TOKEN_INVALID"}},
    {absl::StatusCode::kFailedPrecondition,
     {"CALL_TOKEN_EXPIRED", "CALL_TOKEN_USED", "KEY_EXPIRED", "KEY_REVOKED",
      "KEY_ALREADY_USED", "KEY_NOT_PENDING", "PEER_IDENTITY_MISMATCH",
      "PROTOCOL_VERSION", "LINK_TERMINATED", "LINK_PAUSED", "NO_ADDRESS"}},
    {absl::StatusCode::kAlreadyExists,
     {"ALREADY_LINKED", "NAME_TAKEN", "NUMBER_TAKEN"}},
    {absl::StatusCode::kNotFound,
     {"LINK_NOT_FOUND", "LINK_UNKNOWN", "NUMBER_NOT_FOUND"}},
    {absl::StatusCode::kUnavailable,
     {"PEER_UNREACHABLE", "LOOKUP_INCOMPLETE", "STORE_UNAVAILABLE"}},
    {absl::StatusCode::kResourceExhausted, {"RATE_LIMITED", "LIMIT_REACHED"}},
};

TEST(ReasonTest, EveryReasonHasItsPublishedNameAndCode) {
  std::map<absl::StatusCode, std::set<std::string>> ours;
  for (int i = 0; i <= static_cast<int>(Reason::kLimitReached); ++i) {
    const auto reason = static_cast<Reason>(i);
    ours[ReasonCode(reason)].insert(std::string(ReasonName(reason)));
    EXPECT_THAT(Refusal(reason, "sentence"), Refuses(reason, "sentence"));
  }
  EXPECT_EQ(ours, kPublished);
  // The table has the order of the enumeration.
  EXPECT_EQ(ReasonName(Reason::kKeyDamaged), "KEY_DAMAGED");
  EXPECT_EQ(ReasonName(Reason::kNoAddress), "NO_ADDRESS");
  EXPECT_EQ(ReasonName(Reason::kLimitReached), "LIMIT_REACHED");
}

TEST(ReasonTest, ARefusalCarriesMessageAndErrorInfo) {
  const absl::Status status = Refusal(Reason::kNameTaken, "choose another");
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "NAME_TAKEN: choose another");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(
      std::string(*status.GetPayload(std::string(kErrorInfoUrl)))));
  EXPECT_EQ(info.domain(), "interlink");
  EXPECT_EQ(info.reason(), "NAME_TAKEN");
}

TEST(ReasonTest, AnErrorOfOtherOriginHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("NAME_TAKEN: no")), std::nullopt);
  EXPECT_EQ(SentenceOf(absl::NotFoundError("NAME_TAKEN: no")),
            "NAME_TAKEN: no");
  const auto with = [](const std::string& payload) {
    absl::Status status = absl::NotFoundError("x");
    status.SetPayload(std::string(kErrorInfoUrl), absl::Cord(payload));
    return status;
  };
  EXPECT_EQ(ReasonOf(with("\xff\xff")), std::nullopt);
  google::rpc::ErrorInfo info;
  info.set_domain("interlink");
  info.set_reason("REASON_OF_A_LATER_VERSION");
  EXPECT_EQ(ReasonOf(with(info.SerializeAsString())), std::nullopt);
  info.set_domain("googleapis.com");
  info.set_reason("NAME_TAKEN");
  EXPECT_EQ(ReasonOf(with(info.SerializeAsString())), std::nullopt);
}

TEST(ReasonTest, ASentenceWithoutThePrefixStaysAsItIs) {
  const absl::Status refusal = Refusal(Reason::kNameTaken, "sentence");
  absl::Status peers(refusal.code(), "said otherwise");
  peers.SetPayload(std::string(kErrorInfoUrl),
                   *refusal.GetPayload(std::string(kErrorInfoUrl)));
  EXPECT_EQ(SentenceOf(peers), "said otherwise");
}

TEST(ReasonTest, RetryInfoTellsTheDelay) {
  const absl::Status status =
      RetryAfter(Refusal(Reason::kRateLimited, "slower"), 1500ms);
  EXPECT_EQ(ReasonOf(status), Reason::kRateLimited);
  google::rpc::RetryInfo info;
  ASSERT_TRUE(info.ParseFromString(
      std::string(*status.GetPayload(std::string(kRetryInfoUrl)))));
  EXPECT_EQ(info.retry_delay().seconds(), 1);
  EXPECT_EQ(info.retry_delay().nanos(), 500'000'000);
}

TEST(ReasonTest, EveryErrorOfTheStoreIsStoreUnavailableOnce) {
  EXPECT_EQ(StoreRefusal(absl::DataLossError("disk")).message(),
            "STORE_UNAVAILABLE: disk");
  EXPECT_EQ(StoreRefusal(StoreRefusal(absl::DataLossError("disk"))).message(),
            "STORE_UNAVAILABLE: disk");
  EXPECT_THAT(StoreRefusal(absl::AbortedError("conflict")),
              Refuses(Reason::kStoreUnavailable));
}

}  // namespace
}  // namespace interlink::federation
