#include "daemon/rpc/grpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "federation/base/reason.h"
#include "google/rpc/error.pb.h"

namespace interlink::daemon {
namespace {

using federation::Reason;

absl::Status Limited() {
  return federation::RetryAfter(
      federation::Refusal(Reason::kRateLimited, "too many"),
      std::chrono::seconds(2));
}

TEST(GrpcStatusTest, ErrorsSurviveTheWay) {
  const absl::Status status = Limited();
  EXPECT_EQ(FromGrpc(ToGrpc(status)), status);
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, StandardClientsReadTheDetailsWithTheErrorInfoFirst) {
  const grpc::Status status = ToGrpc(Limited());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "RATE_LIMITED: too many");
  google::rpc::Status rpc;
  ASSERT_TRUE(rpc.ParseFromString(status.error_details()));
  EXPECT_EQ(rpc.code(), 8);
  EXPECT_EQ(rpc.message(), status.error_message());
  ASSERT_EQ(rpc.details_size(), 2);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(rpc.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "RATE_LIMITED");
  EXPECT_EQ(info.domain(), "interlink");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(rpc.details(1).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 2);
}

TEST(GrpcStatusTest, AHostileServersStatusIsBounded) {
  const auto code = grpc::StatusCode::DO_NOT_USE;  // None of the protocol.
  absl::Status status =
      FromGrpc({code, "red \x1b[31m" + std::string(5000, 'x'), "no protobuf"});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(status.message().size(), 1024u);
  EXPECT_EQ(status.message().find('\x1b'), absl::string_view::npos);

  google::rpc::Status many;
  for (int i = 0; i < 9; ++i) many.add_details()->set_type_url("a");
  google::rpc::Status large;
  large.add_details()->set_type_url("a");
  large.mutable_details(0)->set_value(std::string(5000, 'x'));
  for (const auto& rpc : {many, large}) {
    status =
        FromGrpc({grpc::StatusCode::INTERNAL, "m", rpc.SerializeAsString()});
    EXPECT_FALSE(status.GetPayload("a").has_value());
  }
}

}  // namespace
}  // namespace interlink::daemon
