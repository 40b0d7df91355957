#include "daemon/api/rpc_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "federation/base/api.h"
#include "interlink/federation/v1/federation.pb.h"
#include "interlink/v1/doctor.pb.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using ::interlink::testing::IsOk;
using ::interlink::testing::Refuses;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Role kEveryRole[] = {Role::kAdmin, Role::kPbx, Role::kViewer,
                               Role::kPeer};

std::set<std::string> MethodsOf(const google::protobuf::FileDescriptor& file) {
  std::set<std::string> methods;
  for (int i = 0; i < file.service_count(); ++i) {
    const auto& service = *file.service(i);
    for (int j = 0; j < service.method_count(); ++j) {
      methods.insert(service.full_name() + "/" + service.method(j)->name());
    }
  }
  return methods;
}

std::set<std::string> ApiMethods() {
  auto methods = MethodsOf(*federation::api::Interlink::descriptor()->file());
  methods.merge(MethodsOf(*federation::api::Finding::descriptor()->file()));
  return methods;
}
std::set<std::string> PeerMethods() {
  return MethodsOf(*federation::v1::RedeemRequest::descriptor()->file());
}

TEST(RpcPolicyTest, EveryRpcHasOneRuleAndEveryRuleAnRpc) {
  std::set<std::string> expected = ApiMethods();
  expected.merge(PeerMethods());
  ASSERT_GE(expected.size(), 22u);
  std::set<std::string> rules;
  for (const RpcRule& rule : RpcPolicy()) {
    EXPECT_TRUE(rules.insert(std::string(rule.method)).second)
        << rule.method << " has two rules";
    EXPECT_NE(rule.roles, 0u) << rule.method << " is permitted to nobody";
  }
  EXPECT_EQ(rules, expected);
}

TEST(RpcPolicyTest, PeersHaveTheirServiceAndNobodyElseDoes) {
  for (const std::string& method : PeerMethods()) {
    for (Role role : kEveryRole) {
      EXPECT_EQ(CheckPermission(method, role).ok(), role == Role::kPeer)
          << method;
    }
  }
  for (const std::string& method : ApiMethods()) {
    EXPECT_THAT(CheckPermission(method, Role::kPeer),
                Refuses(Reason::kNotPermitted))
        << method;
  }
}

TEST(RpcPolicyTest, TheAdministratorMayDoAll) {
  for (const std::string& method : ApiMethods()) {
    EXPECT_THAT(CheckPermission(method, Role::kAdmin), IsOk()) << method;
  }
}

// Only the administrator may change something, or see a key.
TEST(RpcPolicyTest, OthersMayOnlyRead) {
  const std::set<std::string> read = {
      "interlink.v1.InterlinkService/GetInterlink",
      "interlink.v1.InterlinkService/ListInterlinks",
      "interlink.v1.InterlinkService/WatchInterlinks",
      "interlink.v1.NumberService/GetNumber",
      "interlink.v1.NumberService/ListNumbers",
      "interlink.v1.NumberService/ListReachableNumbers",
      "interlink.v1.NumberService/WatchNumbers",
      "interlink.v1.DaemonService/GetAccount",
  };
  std::set<std::string> pbx = read;
  pbx.insert("interlink.v1.ResolverService/Resolve");
  pbx.insert("interlink.v1.ResolverService/AuthorizeCall");
  for (const std::string& method : ApiMethods()) {
    EXPECT_EQ(CheckPermission(method, Role::kViewer).ok(),
              read.contains(method))
        << method;
    EXPECT_EQ(CheckPermission(method, Role::kPbx).ok(), pbx.contains(method))
        << method;
  }
}

TEST(RpcPolicyTest, ARefusalNamesTheRoleThatWasNeeded) {
  EXPECT_THAT(
      CheckPermission("interlink.v1.InterlinkService/ShowKey", Role::kViewer),
      Refuses(Reason::kNotPermitted,
              AllOf(HasSubstr("ShowKey needs the role admin;"),
                    HasSubstr("use a socket or a certificate"))));
  EXPECT_THAT(
      CheckPermission("interlink.v1.ResolverService/Resolve", Role::kViewer),
      Refuses(Reason::kNotPermitted, HasSubstr("admin or pbx;")));
}

TEST(RpcPolicyTest, AMethodWithoutARowIsPermittedToNobody) {
  for (const char* method : {"", "interlink.v1.InterlinkService/NoSuchRpc",
                             "/interlink.v1.InterlinkService/GetInterlink",
                             "interlink.v1.InterlinkService/GetInterlink ",
                             "grpc.health.v1.Health/Check"}) {
    for (Role role : kEveryRole) {
      EXPECT_THAT(CheckPermission(method, role),
                  Refuses(Reason::kNotPermitted, HasSubstr("nobody")))
          << method;
    }
  }
}

}  // namespace
}  // namespace interlink::daemon
