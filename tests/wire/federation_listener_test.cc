// What the federation port lets in, and what it keeps out.

#include <gmock/gmock.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <iterator>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "federation/base/reason.h"
#include "tests/support/certificate_forge.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/raw_peer.h"
#include "tests/wire/wire_account.h"

namespace interlink::testing {
namespace {

using boost::asio::ip::tcp;
using federation::Reason;
using ::testing::HasSubstr;

class FederationListenerTest : public ::testing::Test {
 protected:
  FederationListenerTest() { row_ = LinkAccounts(mike_, john_); }

  // A well-formed request of the RPC, over the link of Mike and John.
  std::string RequestFor(const std::string& method) {
    const std::string id = LookupOver(row_).interlink_id();
    if (method == "Redeem") {
      federation::v1::RedeemRequest request;
      request.set_interlink_id(id);
      federation::v1::RedeemBody body;
      body.set_redeem_id(std::string(16, 'r'));
      request.set_body(body.SerializeAsString());
      request.set_proof(std::string(32, 'p'));
      return request.SerializeAsString();
    }
    if (method == "Terminate") {
      federation::v1::TerminateRequest request;
      request.set_interlink_id(id);
      return request.SerializeAsString();
    }
    if (method == "Session") {
      federation::v1::SessionRequest request;
      federation::v1::Hello& hello =
          *request.mutable_message()->mutable_hello();
      hello.set_interlink_id(id);
      hello.set_protocol_min(1);
      hello.set_protocol_max(1);
      return request.SerializeAsString();
    }
    return LookupOver(row_, "201").SerializeAsString();
  }

  std::vector<std::string> Methods() {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            "interlink.federation.v1.FederationService");
    std::vector<std::string> names;
    names.reserve(service->method_count());
    for (int i = 0; i < service->method_count(); ++i) {
      names.push_back(service->method(i)->name());
    }
    return names;
  }

  WireAccount mike_{"Mike"};
  WireAccount john_{"John"};
  WireAccount tim_{"Tim"};
  api::Interlink row_;
};

TEST_F(FederationListenerTest, AStrangersCertificateGetsNothingByAnyRpc) {
  mike_.AddNumber("201");
  // nullopt: OK, and nothing happens.
  const std::map<std::string, std::optional<Reason>> expected = {
      {"Redeem", Reason::kInvalidKey},
      {"Lookup", Reason::kLinkUnknown},
      {"Terminate", std::nullopt},
      {"Session", Reason::kLinkUnknown},
  };
  RawClient stranger(mike_.address(), LeafOf(tim_));
  for (const std::string& method : Methods()) {
    ASSERT_TRUE(expected.contains(method)) << method << " is not expected";
    const grpc::Status status =
        stranger.Call(kService + method, RequestFor(method));
    EXPECT_EQ(ReasonOf(status), expected.at(method)) << status.error_message();
  }
  EXPECT_EQ(mike_.Row("John")->state(), api::INTERLINK_STATE_ESTABLISHED);
}

TEST_F(FederationListenerTest, AStrangerLearnsNothingOfIdsAndEndsNoKey) {
  api::LinkAccountRequest request;
  request.set_name("linking");
  request.set_key(tim_.GenerateKey("Mike"));
  tim_.StopListening();
  mike_.OnLoop([&] {
    mike_.account().redeemer().LinkAccount(request, {}, [](auto) {});
    return true;
  });
  mike_.GenerateKey("pending");
  RawClient stranger(mike_.address(), LeafOf(john_));
  const auto look_up = [&](const std::string& id) {
    federation::v1::LookupRequest lookup;
    lookup.set_interlink_id(id);
    lookup.set_number("201");
    lookup.set_redeemed_proof(std::string(32, 'p'));
    const grpc::Status status =
        stranger.Call(kService + "Lookup", lookup.SerializeAsString());
    return status.error_message() + "|" + status.error_details();
  };
  const std::string unknown = look_up(std::string(16, 'x'));
  EXPECT_THAT(unknown, HasSubstr("LINK_UNKNOWN"));
  for (const char* name : {"linking", "pending"}) {
    federation::v1::TerminateRequest terminate;
    terminate.set_interlink_id(LookupOver(*mike_.Row(name)).interlink_id());
    EXPECT_EQ(look_up(terminate.interlink_id()), unknown) << name;
    EXPECT_TRUE(
        stranger.Call(kService + "Terminate", terminate.SerializeAsString())
            .ok());
  }
  EXPECT_EQ(mike_.Row("linking")->state(), api::INTERLINK_STATE_LINKING);
  EXPECT_EQ(mike_.Row("pending")->state(), api::INTERLINK_STATE_PENDING);
}

TEST_F(FederationListenerTest, ACallerWhoCallsTooOftenIsRefusedAndNobodyElse) {
  mike_.AddNumber("201");
  federation::v1::LookupRequest unknown;
  unknown.set_interlink_id(std::string(16, 'u'));
  // Of each RPC that the loop has to decide; all are of one budget.
  const std::map<std::string, std::string> requests = {
      {"Redeem", RequestFor("Redeem")},
      {"Lookup", unknown.SerializeAsString()},
      {"Terminate", RequestFor("Terminate")},
      {"Session", RequestFor("Session")}};
  std::map<std::string, std::atomic<int>> refused;
  for (const auto& [method, request] : requests) refused[method] = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&, i] {
        const auto& [method, request] = *std::next(requests.begin(), i % 4);
        RawClient greedy(mike_.address(), LeafOf(tim_));
        for (int call = 0; call < 100; ++call) {
          const auto status = greedy.Call(kService + method, request);
          // Wrong keys have a limit of their own, which the loop looks at.
          const bool is_of_calls =
              status.error_message().find("wrong keys") == std::string::npos;
          if (ReasonOf(status) == Reason::kRateLimited && is_of_calls) {
            ++refused[method];
          }
        }
      });
    }
  }
  for (const auto& [method, count] : refused) EXPECT_GT(count, 0) << method;
  // From the same address.
  RawClient john(mike_.address(), LeafOf(john_));
  EXPECT_EQ(ReasonOf(john.Call(kService + "Lookup", unknown)),
            Reason::kLinkUnknown);
  // What a linked account looks up is answered from memory, and costs nothing.
  for (int call = 0; call < 100; ++call) {
    EXPECT_TRUE(john.Call(kService + "Lookup", RequestFor("Lookup")).ok());
  }
}

// All from one address, as behind a NAT.
TEST_F(FederationListenerTest, ACrowdOfCertificatesHoldsUpNoLinkedAccount) {
  federation::v1::LookupRequest unknown;
  unknown.set_interlink_id(std::string(16, 'u'));
  RawClient john(mike_.address(), LeafOf(john_));
  ASSERT_TRUE(john.Call(kService + "Lookup", LookupOver(row_)).ok());
  std::atomic<int> refused{0};
  std::atomic<bool> is_over{false};
  std::vector<std::jthread> crowd;
  for (int i = 0; i < 25; ++i) {
    const auto leaf = tim_.identity().IssueLeaf(tim_.loop().WallNow());
    ASSERT_THAT(leaf, IsOk());
    crowd.emplace_back([&, leaf = *leaf] {
      // A stranger's connection is broken off after 32 KB.
      while (!is_over) {
        RawClient greedy(mike_.address(), leaf);
        for (int call = 0; call < 200 && !is_over; ++call) {
          const auto status = greedy.Call(kService + "Lookup", unknown);
          if (ReasonOf(status) == Reason::kRateLimited) ++refused;
        }
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return refused > 500; }));
  for (int call = 0; call < 10; ++call) {
    EXPECT_EQ(ReasonOf(john.Call(kService + "Lookup", unknown)),
              Reason::kLinkUnknown);
  }
  is_over = true;
}

TEST_F(FederationListenerTest, WithoutACertificateNoRpcIsReached) {
  for (const std::string& method : Methods()) {
    const grpc::Status status =
        RawClient(mike_.address(), std::nullopt)
            .Call(kService + method, RequestFor(method));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << method;
  }
}

TEST_F(FederationListenerTest, PlaintextIsRefused) {
  const grpc::Status status = RawClient::Plaintext(mike_.address())
                                  .Call(kService + "Lookup", LookupOver(row_));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(FederationListenerTest, ThePeersCertificateIsServed) {
  mike_.AddNumber("201");
  RawClient john(mike_.address(), LeafOf(john_));
  std::string response;
  ASSERT_TRUE(
      john.Call(kService + "Lookup", RequestFor("Lookup"), &response).ok());
  federation::v1::LookupResponse found;
  ASSERT_TRUE(found.ParseFromString(response));
  EXPECT_TRUE(found.has_entry());
}

TEST_F(FederationListenerTest, AnExpiredCertificateIsToldOfTheClocks) {
  const auto leaf = john_.identity().IssueLeaf(john_.loop().WallNow() -
                                               std::chrono::hours(60 * 24));
  ASSERT_THAT(leaf, IsOk());
  const grpc::Status status = RawClient(mike_.address(), *leaf)
                                  .Call(kService + "Lookup", LookupOver(row_));
  EXPECT_EQ(ReasonOf(status), Reason::kNotPermitted);
  EXPECT_THAT(status.error_message(), HasSubstr("clocks"));
}

TEST_F(FederationListenerTest, TheVictimsRootAppendedToAnOwnChainIsNoHelp) {
  federation::Leaf leaf = LeafOf(tim_);
  leaf.chain_pem += john_.identity().root().ToPem();
  const grpc::Status status = RawClient(mike_.address(), leaf)
                                  .Call(kService + "Lookup", LookupOver(row_));
  EXPECT_EQ(ReasonOf(status), Reason::kLinkUnknown);
}

TEST_F(FederationListenerTest, ALeafSignedByThePeersLeafIsAStrangers) {
  const auto forged =
      ForgedCertificate::FromLeaf(LeafOf(john_))
          .Issue(ForgeOptions::LeafOf(john_.identity().account_id()));
  RawClient client(mike_.address(), forged.Present(LeafOf(john_).chain_pem));
  EXPECT_EQ(ReasonOf(client.Call(kService + "Lookup", LookupOver(row_))),
            Reason::kLinkUnknown);
}

// A stock client that keeps TLS sessions: the server is then shown the leaf
// without its chain.
TEST_F(FederationListenerTest, AResumedTlsSessionIsServed) {
  const federation::Leaf leaf = LeafOf(john_);
  SessionCache sessions;
  RawClient first =
      RawClient::Resuming(mike_.address(), leaf, mike_.identity(), sessions);
  ASSERT_TRUE(first.Call(kService + "Lookup", LookupOver(row_)).ok());
  EXPECT_FALSE(first.is_resumed());
  RawClient second =
      RawClient::Resuming(mike_.address(), leaf, mike_.identity(), sessions);
  EXPECT_TRUE(second.Call(kService + "Lookup", LookupOver(row_)).ok());
  EXPECT_TRUE(second.is_resumed());
}

TEST_F(FederationListenerTest, ARenewedLeafIsShownToNewConnections) {
  RawClient old(mike_.address(), LeafOf(john_));
  ASSERT_TRUE(old.Call(kService + "Lookup", LookupOver(row_)).ok());
  const std::string before = LeafOf(mike_).chain_pem;
  mike_.OnLoop([this] { mike_.tls().Renew(); });
  const std::string renewed = LeafOf(mike_).chain_pem;
  ASSERT_NE(before, renewed);
  RawClient fresh(mike_.address(), LeafOf(john_));
  EXPECT_TRUE(fresh.Call(kService + "Lookup", LookupOver(row_)).ok());
  EXPECT_TRUE(renewed.starts_with(fresh.server_leaf_pem()));
  EXPECT_TRUE(old.Call(kService + "Lookup", LookupOver(row_)).ok());
  EXPECT_TRUE(before.starts_with(old.server_leaf_pem()));
}

// There are only two servers at a time. The peer dials anew.
TEST_F(FederationListenerTest, AConnectionEndsWhenItsLeafWasReplacedTwice) {
  RawClient old(mike_.address(), LeafOf(john_));
  ASSERT_TRUE(old.Call(kService + "Lookup", LookupOver(row_)).ok());
  RawClient fresh(mike_.address(), LeafOf(john_));
  for (int renewals = 0; renewals < 2; ++renewals) {
    mike_.OnLoop([this] { mike_.tls().Renew(); });
    fresh = RawClient(mike_.address(), LeafOf(john_));
    ASSERT_TRUE(fresh.Call(kService + "Lookup", LookupOver(row_)).ok());
  }
  EXPECT_TRUE(old.IsDisconnected());
  EXPECT_TRUE(fresh.Call(kService + "Lookup", LookupOver(row_)).ok());
}

TEST_F(FederationListenerTest, EachRpcHasItsBoundOfSize) {
  RawClient john(mike_.address(), LeafOf(john_));
  const std::map<std::string, size_t> bounds = {
      {"Redeem", 24 * 1024}, {"Lookup", 1024}, {"Terminate", 1024}};
  for (const std::string& method : Methods()) {
    if (method == "Session") continue;  // Its messages: the listener's bound.
    ASSERT_TRUE(bounds.contains(method)) << method << " has no bound";
    std::string request = RequestFor(method);
    federation::v1::LookupRequest
        padding;  // Field 15 is known to none of them.
    padding.GetReflection()->MutableUnknownFields(&padding)->AddLengthDelimited(
        15, std::string(bounds.at(method), 'x'));
    const grpc::Status status =
        john.Call(kService + method, request + padding.SerializeAsString());
    EXPECT_EQ(ReasonOf(status), Reason::kRequestInvalid) << method;
  }
}

TEST_F(FederationListenerTest, AMessageOfMoreThan72KibIsNotRead) {
  RawClient john(mike_.address(), LeafOf(john_));
  // A stranger may not send as much at all.
  ASSERT_TRUE(john.Call(kService + "Lookup", LookupOver(row_)).ok());
  const grpc::Status status =
      john.Call(kService + "Redeem", std::string(73 * 1024, '\0'));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// Both are switched on for the whole process, as for the API.
TEST(FederationPortTest, ReflectionAndHealthAreAbsent) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::EnableDefaultHealthCheckService(true);
  WireAccount mike("Mike");
  RawServer other(LeafOf(mike));
  const std::string list_services("\x3a\x00", 2);
  const std::string reflection =
      "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  const std::string health = "grpc.health.v1.Health/Check";
  RawClient to_other(other.address(), LeafOf(mike));
  EXPECT_TRUE(to_other.Call(reflection, list_services).ok());
  EXPECT_TRUE(to_other.Call(health, std::string()).ok());
  RawClient to_mike(mike.address(), LeafOf(mike));
  EXPECT_EQ(to_mike.Call(reflection, list_services).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(to_mike.Call(health, std::string()).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  grpc::EnableDefaultHealthCheckService(false);
}

}  // namespace
}  // namespace interlink::testing
