#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/api/api_caller.h"
#include "daemon/api/rpc_policy.h"
#include "google/rpc/error.pb.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/tls_files.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using ::interlink::testing::ClientCredentials;
using ::interlink::testing::TestAuthority;
using ::interlink::testing::TlsFiles;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// "package.Service/Method" of every RPC of the API, as the descriptors say.
std::vector<std::string> AllMethods() {
  std::vector<std::string> methods;
  const auto* file = v1::Interlink::descriptor()->file();
  for (int i = 0; i < file->service_count(); ++i) {
    const auto* service = file->service(i);
    for (int j = 0; j < service->method_count(); ++j) {
      methods.push_back(service->full_name() + "/" +
                        service->method(j)->name());
    }
  }
  return methods;
}

bool IsPermitted(const std::string& method, Role role) {
  for (const RpcRule& rule : RpcPolicy()) {
    if (rule.method == method) {
      return (rule.roles & static_cast<unsigned>(role)) != 0;
    }
  }
  return false;
}

class PermissionTest : public ::testing::Test {
 protected:
  PermissionTest() : authority_(dir_.File("ca")) {
    const TlsFiles server =
        authority_.Issue(dir_.File("server"), "IP:127.0.0.1");
    daemon_ = std::make_unique<RunningDaemon>([&](Config& config) {
      config.api_listen = "127.0.0.1:0";
      config.api_cert = server.certificate;
      config.api_key = server.key;
      config.api_client_ca = authority_.certificate();
    });
    EXPECT_TRUE(daemon_->started().ok()) << daemon_->started();
  }

  // A connection over TCP by a certificate with these alternative names.
  std::shared_ptr<grpc::Channel> OverTcp(const std::string& names) const {
    const TlsFiles client = authority_.Issue(dir_.File("client"), names);
    return Connect(daemon_->Ready("api_tcp"),
                   ClientCredentials(authority_.certificate(), client));
  }

  static void ExpectExactlyWhatThePolicySays(
      const std::shared_ptr<grpc::Channel>& channel, Role role) {
    for (const std::string& method : AllMethods()) {
      const Outcome outcome = Call(channel, method);
      SCOPED_TRACE(method + ": " + outcome.status.error_message());
      const bool is_refused = ReasonOf(outcome.status) == Reason::kNotPermitted;
      EXPECT_EQ(is_refused, !IsPermitted(method, role));
      if (is_refused) {
        EXPECT_EQ(outcome.status.error_code(),
                  grpc::StatusCode::PERMISSION_DENIED);
        EXPECT_FALSE(outcome.answered);
      } else {
        EXPECT_TRUE(
            outcome.answered ||
            outcome.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ||
            outcome.status.error_code() == grpc::StatusCode::NOT_FOUND ||
            ReasonOf(outcome.status) == Reason::kCallTokenInvalid);
      }
    }
  }

  static void ExpectNothing(const std::shared_ptr<grpc::Channel>& channel) {
    for (const std::string& method : AllMethods()) {
      const Outcome outcome = Call(channel, method);
      SCOPED_TRACE(method + ": " + outcome.status.error_message());
      EXPECT_EQ(ReasonOf(outcome.status), Reason::kNotPermitted);
      EXPECT_THAT(outcome.status.error_message(),
                  HasSubstr("interlink://role/admin"));
    }
  }

  interlink::testing::TempDir dir_;
  TestAuthority authority_;
  std::unique_ptr<RunningDaemon> daemon_;
};

TEST_F(PermissionTest, EachSocketMayDoWhatItsRoleIsFor) {
  ExpectExactlyWhatThePolicySays(daemon_->Admin(), Role::kAdmin);
  ExpectExactlyWhatThePolicySays(daemon_->Pbx(), Role::kPbx);
}

TEST_F(PermissionTest, EachCertificateMayDoWhatItsRoleIsFor) {
  ExpectExactlyWhatThePolicySays(OverTcp("URI:interlink://role/admin"),
                                 Role::kAdmin);
  ExpectExactlyWhatThePolicySays(OverTcp("URI:interlink://role/pbx"),
                                 Role::kPbx);
  ExpectExactlyWhatThePolicySays(
      OverTcp("DNS:panel.example,URI:interlink://role/viewer"), Role::kViewer);
}

TEST_F(PermissionTest, ACertificateThatNamesNotExactlyOneRoleMayDoNothing) {
  ExpectNothing(OverTcp("DNS:admin.example"));
  ExpectNothing(OverTcp("URI:interlink://role/root"));
  ExpectNothing(
      OverTcp("URI:interlink://role/admin,URI:interlink://role/viewer"));
  ExpectNothing(
      OverTcp("URI:interlink://role/admin,URI:spiffe://example.net/panel"));
}

TEST_F(PermissionTest, ACertificateOfAnotherAuthorityDoesNotGetIn) {
  const TestAuthority other(dir_.File("other"));
  const TlsFiles client =
      other.Issue(dir_.File("client"), "URI:interlink://role/admin");
  ApiClient api(Connect(daemon_->Ready("api_tcp"),
                        ClientCredentials(authority_.certificate(), client)));
  EXPECT_EQ(api.GetAccount().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(PermissionTest, ARefusalSaysWhyInWordsAndForPrograms) {
  const Outcome outcome =
      Call(daemon_->Pbx(), "interlink.v1.InterlinkService/GenerateKey");
  EXPECT_THAT(outcome.status.error_message(), StartsWith("NOT_PERMITTED: "));
  EXPECT_THAT(outcome.status.error_message(), HasSubstr("the role admin"));
  google::rpc::Status rpc;
  ASSERT_TRUE(rpc.ParseFromString(outcome.status.error_details()));
  EXPECT_EQ(rpc.code(), outcome.status.error_code());
  ASSERT_EQ(rpc.details_size(), 1);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(rpc.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "NOT_PERMITTED");
  EXPECT_EQ(info.domain(), "interlink");
}

// Every handler that refuses does it in these terms.
TEST_F(PermissionTest, AnErrorOfTheRulesKeepsItsDetails) {
  const Outcome outcome =
      Call(daemon_->Admin(), "interlink.v1.NumberService/GetNumber");
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(outcome.status), Reason::kNumberInvalid);
  EXPECT_THAT(outcome.status.error_message(), StartsWith("NUMBER_INVALID: "));
}

// gRPC by itself would answer UNIMPLEMENTED without a word.
TEST_F(PermissionTest, ARequestThatCannotBeParsedIsRefusedInWords) {
  // Field 1: a text that ends too early, and one that is not UTF-8.
  for (const std::string request : {"\x0a\x05", "\x0a\x02\xff\xfe"}) {
    for (const std::string& method : AllMethods()) {
      const Outcome outcome = Call(daemon_->Admin(), method, request);
      // An unknown field, where there is none of this number or kind.
      if (request.size() > 2 &&
          outcome.status.error_code() != grpc::StatusCode::INVALID_ARGUMENT) {
        EXPECT_NE(outcome.status.error_code(), grpc::StatusCode::UNIMPLEMENTED)
            << method;
        continue;
      }
      EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT)
          << method;
      EXPECT_FALSE(outcome.answered) << method;
      EXPECT_THAT(outcome.status.error_message(), HasSubstr(": ")) << method;
    }
  }
  const Outcome outcome =
      Call(daemon_->Admin(), "interlink.v1.InterlinkService/GenerateKey",
           "\x0a\x02\xff\xfe");
  EXPECT_EQ(ReasonOf(outcome.status), Reason::kRequestInvalid);
  EXPECT_THAT(outcome.status.error_message(), HasSubstr("is not UTF-8"));
}

TEST_F(PermissionTest, TheFederationServiceIsNotOnTheApi) {
  for (const std::string method :
       {"interlink.federation.v1.FederationService/Lookup",
        "interlink.federation.v1.FederationService/Redeem",
        "interlink.v1.InterlinkService/NoSuchMethod"}) {
    EXPECT_EQ(Call(daemon_->Admin(), method).status.error_code(),
              grpc::StatusCode::UNIMPLEMENTED)
        << method;
  }
}

// The other direction of the walk: a service that is in no listener's list.
TEST(RpcPolicyTest, HasARowForEveryRpcOfTheApi) {
  for (const std::string& method : AllMethods()) {
    EXPECT_TRUE(IsPermitted(method, Role::kAdmin)) << method;
    EXPECT_FALSE(IsPermitted(method, Role::kPeer)) << method;
  }
}

}  // namespace
}  // namespace interlink::daemon
