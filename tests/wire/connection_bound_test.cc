// How many connections the federation port allows, and for how long.

#include <gmock/gmock.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "daemon/peer/accept/linked_connections.h"
#include "daemon/peer/accept/received_bytes.h"
#include "daemon/peer/accept/traffic_debt.h"
#include "federation/base/reason.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/raw_peer.h"
#include "tests/wire/wire_account.h"

namespace interlink::testing {
namespace {

using boost::asio::ip::tcp;
using federation::Reason;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A TCP connection over which nothing is said.
class SilentClient {
 public:
  explicit SilentClient(const std::string& address) : socket_(context_) {
    const size_t colon = address.rfind(':');
    const auto port =
        static_cast<unsigned short>(std::stoi(address.substr(colon + 1)));
    socket_.connect(
        {boost::asio::ip::make_address(address.substr(0, colon)), port});
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof(patience));
  }

  // Whether the other side closes the connection within kPatience.
  bool IsClosed() {
    char bytes[256];
    ssize_t size;
    while ((size = recv(socket_.native_handle(), bytes, sizeof(bytes), 0)) >
           0) {
    }
    return size == 0 || errno == ECONNRESET;
  }

 private:
  boost::asio::io_context context_;
  tcp::socket socket_;
};

TEST(ConnectionBoundTest, AHandshakeThatStallsIsClosedAfterItsTime) {
  auto options = WireAccount::OnLoopback();
  options.handshake_timeout = std::chrono::milliseconds(200);
  WireAccount mike("Mike", options);
  EXPECT_TRUE(SilentClient(mike.address()).IsClosed());
  EXPECT_EQ(mike.listener().unlinked_timeouts(), 0u);
  EXPECT_TRUE(
      Eventually([&] { return mike.listener().open_connections() == 0; }));
}

TEST(ConnectionBoundTest, NewcomersLeaveAConnectionTimeToShakeHands) {
  auto options = WireAccount::OnLoopback();
  options.max_unlinked_per_source = 1;
  options.time_to_link = std::chrono::minutes(1);
  WireAccount mike("Mike", options);
  RawClient honest(mike.address(), LeafOf(mike));
  ASSERT_TRUE(honest.Connect());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(SilentClient(mike.address()).IsClosed());
  }
  EXPECT_EQ(mike.listener().open_connections(), 1);
  EXPECT_EQ(mike.listener().refused_connections(), 3u);
}

TEST(ConnectionBoundTest, ConnectionsWithoutALinkHaveABoundOfTheirOwn) {
  auto options = WireAccount::OnLoopback();
  options.max_unlinked = 2;
  options.time_to_link = std::chrono::minutes(1);
  WireAccount mike("Mike", options);
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  RawClient linked(mike.address(), LeafOf(john));
  ASSERT_TRUE(linked.Call(kService + "Lookup", LookupOver(row)).ok());
  const SilentClient first(mike.address());
  const SilentClient second(mike.address());
  EXPECT_TRUE(SilentClient(mike.address()).IsClosed());
  EXPECT_TRUE(linked.Call(kService + "Lookup", LookupOver(row)).ok());
}

TEST(ConnectionBoundTest, OfTooManyFromASourceTheOldestSilentOneIsClosed) {
  auto options = WireAccount::OnLoopback();
  options.max_unlinked_per_source = 2;
  options.time_to_link = std::chrono::milliseconds(0);
  WireAccount mike("Mike", options);
  std::vector<std::unique_ptr<SilentClient>> clients;
  clients.reserve(3);
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<SilentClient>(mike.address()));
  }
  EXPECT_TRUE(clients[0]->IsClosed());
  EXPECT_EQ(mike.listener().refused_connections(), 1u);
  EXPECT_TRUE(
      Eventually([&] { return mike.listener().open_connections() == 2; }));
  // So silent connections shut nobody out.
  EXPECT_TRUE(RawClient(mike.address(), LeafOf(mike)).Connect());
}

TEST(ConnectionBoundTest, OfTooManyInAllTheOldestWithoutALinkIsClosed) {
  auto options = WireAccount::OnLoopback();
  options.max_connections = 3;
  options.time_to_link = std::chrono::milliseconds(0);
  WireAccount mike("Mike", options);
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  john.StopListening();
  RawClient linked(mike.address(), LeafOf(john));
  ASSERT_TRUE(linked.Call(kService + "Lookup", LookupOver(row)).ok());
  // John's session, his call's connection, and one silent place.
  ASSERT_TRUE(
      Eventually([&] { return mike.listener().open_connections() <= 3; }));
  SilentClient first(mike.address());
  SilentClient second(mike.address());
  EXPECT_TRUE(first.IsClosed());
  EXPECT_TRUE(linked.Call(kService + "Lookup", LookupOver(row)).ok());
  EXPECT_GE(mike.listener().refused_connections(), 1u);
}

TEST(ConnectionBoundTest, ConnectionsOfLinksDoNotCountTowardsTheirSource) {
  auto options = WireAccount::OnLoopback();
  options.max_unlinked_per_source = 3;
  WireAccount mike("Mike", options);
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (size_t i = 0; i < 8; ++i) {
    clients.push_back(
        std::make_unique<RawClient>(mike.address(), LeafOf(john)));
    ASSERT_TRUE(clients[i]->Call(kService + "Lookup", LookupOver(row)).ok());
  }
  SilentClient silent(mike.address());
  for (auto& client : clients) {
    EXPECT_TRUE(client->Call(kService + "Lookup", LookupOver(row)).ok());
  }
}

TEST(ConnectionBoundTest, ALinkHasItsLatestConnectionsOnly) {
  WireAccount mike("Mike");
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (size_t i = 0; i < daemon::LinkedConnections::kMaxConnections; ++i) {
    clients.push_back(
        std::make_unique<RawClient>(mike.address(), LeafOf(john)));
    ASSERT_TRUE(clients[i]->Call(kService + "Lookup", LookupOver(row)).ok());
  }
  const auto most =
      static_cast<int>(daemon::LinkedConnections::kMaxConnections);
  RawClient latest(mike.address(), LeafOf(john));
  ASSERT_TRUE(latest.Call(kService + "Lookup", LookupOver(row)).ok());
  EXPECT_TRUE(Eventually(
      [&] { return mike.listener().open_connections() <= most + 1; }));
  EXPECT_TRUE(latest.Call(kService + "Lookup", LookupOver(row)).ok());
}

TEST(ConnectionBoundTest, AConnectionWhoseLinkIsDeletedIsUnlinkedAgain) {
  auto options = WireAccount::OnLoopback();
  options.unlinked_timeout = std::chrono::seconds(1);
  WireAccount mike("Mike", options);
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  RawClient client(mike.address(), LeafOf(john));
  // More than it may send without a link.
  for (int i = 0; i < 600; ++i) {
    ASSERT_TRUE(client.Call(kService + "Lookup", LookupOver(row)).ok());
  }
  ASSERT_TRUE(mike.Delete(row).ok());
  EXPECT_FALSE(client.Call(kService + "Lookup", LookupOver(row)).ok());
  EXPECT_TRUE(client.IsDisconnected());
  EXPECT_GE(mike.listener().unlinked_timeouts(), 1u);
  EXPECT_EQ(mike.listener().flooding_connections(), 0u);
}

// What arrived at `account`'s port over the connections that are open.
uint64_t ReceivedBy(const WireAccount& account) {
  const std::string& address = account.address();
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  // gRPC and the listener have a descriptor each.
  std::map<in_port_t, uint64_t> by_other_end;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    sockaddr_in own{};
    sockaddr_in other{};
    socklen_t size = sizeof(own);
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) !=
            0 ||
        own.sin_family != AF_INET || ntohs(own.sin_port) != port ||
        getpeername(descriptor, reinterpret_cast<sockaddr*>(&other), &size) !=
            0) {
      continue;
    }
    by_other_end[other.sin_port] = daemon::ReceivedBytes(descriptor);
  }
  uint64_t bytes = 0;
  for (const auto& [other_end, received] : by_other_end) bytes += received;
  return bytes;
}

// Else an honest account would be taken for a flood, sooner or later.
TEST(ConnectionBoundTest, WhatAnswersCostOnTheWireIsPaid) {
  WireAccount mike("Mike");
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  const auto request = LookupOver(row, "201");
  RawClient client(mike.address(), LeafOf(john));
  ASSERT_TRUE(client.Call(kService + "Lookup", request).ok());
  constexpr uint64_t kTimes = 300;
  uint64_t before = ReceivedBy(mike);
  for (uint64_t i = 0; i < kTimes; ++i) {
    ASSERT_TRUE(client.Call(kService + "Lookup", request).ok());
  }
  EXPECT_GT(ReceivedBy(mike), before);
  EXPECT_LT(ReceivedBy(mike) - before,
            kTimes * daemon::TrafficDebt::OfCall(request.ByteSizeLong()));

  const auto id =
      *store::InterlinkId::FromBytes(LookupOver(row).interlink_id());
  const auto ping = [&] {
    return john.OnLoop([&] {
      federation::Session* session = john.account().sessions().ActiveOf(id);
      if (session != nullptr) session->Ping();
      return session != nullptr;
    });
  };
  ASSERT_TRUE(Eventually(ping));
  before = ReceivedBy(mike);
  for (uint64_t i = 0; i < kTimes; ++i) {
    const uint64_t last = ReceivedBy(mike);
    ASSERT_TRUE(ping());
    ASSERT_TRUE(Eventually([&] { return ReceivedBy(mike) > last; }));
  }
  EXPECT_LT(ReceivedBy(mike) - before,
            kTimes * (daemon::TrafficDebt::OfMessage(0) +
                      daemon::TrafficDebt::OfReceipts(0)));
}

// Calls that are refused because there are too many of them.
TEST(ConnectionBoundTest, APeerFarBeyondItsRateIsTakenForAFlood) {
  WireAccount mike("Mike");
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  mike.OnLoop([&] {
    auto settings = mike.account().settings();
    settings.lookup_limit = 10;
    mike.account().Reload(settings);
  });
  auto request = LookupOver(row, "201");
  request.set_redeemed_proof(std::string(900, 'x'));
  RawClient client(mike.address(), LeafOf(john));
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto status = client.Call(kService + "Lookup", request);
    if (!status.ok() && ReasonOf(status) != Reason::kRateLimited) break;
    refused += status.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 100);
  EXPECT_GE(mike.listener().flooding_connections(), 1u);
}

TEST(ConnectionBoundTest, ABusyPeerIsNotTakenForAFlood) {
  WireAccount mike("Mike");
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  mike.OnLoop([&] {
    auto settings = mike.account().settings();
    settings.lookup_limit = 0;
    mike.account().Reload(settings);
  });
  RawClient client(mike.address(), LeafOf(john));
  // Ten times what a peer may owe.
  for (int i = 0; i < 6000; ++i) {
    ASSERT_TRUE(client.Call(kService + "Lookup", LookupOver(row, "201")).ok());
  }
  EXPECT_EQ(mike.listener().flooding_connections(), 0u);
}

TEST(ConnectionBoundTest, AConnectionWithoutALinkIsClosedAfterItsTime) {
  auto options = WireAccount::OnLoopback();
  options.unlinked_timeout = std::chrono::seconds(1);
  WireAccount mike("Mike", options);
  WireAccount john("John");
  WireAccount tim("Tim");
  const api::Interlink row = LinkAccounts(mike, john);
  RawClient linked(mike.address(), LeafOf(john));
  ASSERT_TRUE(linked.Call(kService + "Lookup", LookupOver(row)).ok());
  RawClient stranger(mike.address(), LeafOf(tim));
  ASSERT_TRUE(stranger.Connect());
  // Calling does not help a stranger.
  EXPECT_EQ(ReasonOf(stranger.Call(kService + "Lookup", LookupOver(row))),
            Reason::kLinkUnknown);
  EXPECT_TRUE(stranger.IsDisconnected());
  EXPECT_EQ(mike.listener().unlinked_timeouts(), 1u);
  // John's connections live on: of his Redeem, of his session, of this test.
  EXPECT_TRUE(
      Eventually([&] { return mike.listener().open_connections() == 3; }));
}

TEST(ConnectionBoundTest, APausedLinksConnectionIsKeptOverAnyAddressFamily) {
  auto options = WireAccount::OnLoopback();
  options.address = "[::]:0";
  options.unlinked_timeout = std::chrono::seconds(1);
  WireAccount mike("Mike", options);
  WireAccount john("John");
  const api::Interlink row = LinkAccounts(mike, john);
  mike.Pause(row);
  const std::string port = mike.address().substr(mike.address().rfind(':'));
  RawClient by_ipv4("127.0.0.1" + port, LeafOf(john));
  RawClient by_ipv6("[::1]" + port, LeafOf(john));
  for (RawClient* client : {&by_ipv4, &by_ipv6}) {
    EXPECT_EQ(ReasonOf(client->Call(kService + "Lookup", LookupOver(row))),
              Reason::kLinkPaused);
  }
  // By the time that this one is closed, the others would have been.
  RawClient stranger("127.0.0.1" + port, LeafOf(mike));
  ASSERT_TRUE(stranger.Connect());
  EXPECT_TRUE(stranger.IsDisconnected());
  EXPECT_EQ(mike.listener().unlinked_timeouts(), 1u);
}

TEST(ConnectionBoundTest, ItListensOnIpv6AndForBothOnItsWildcard) {
  auto options = WireAccount::OnLoopback();
  options.address = "[::1]:0";
  WireAccount mike("Mike", options);
  EXPECT_THAT(mike.address(), HasSubstr("[::1]:"));
  WireAccount john("John");
  LinkAccounts(mike, john);
  options.address = "[::]:0";
  WireAccount tim("Tim", options);
  const std::string port = tim.address().substr(tim.address().rfind(':'));
  EXPECT_TRUE(RawClient("127.0.0.1" + port, LeafOf(john)).Connect());
  EXPECT_TRUE(RawClient("[::1]" + port, LeafOf(john)).Connect());
}

TEST(ConnectionBoundTest, AnAddressInUseIsReported) {
  WireAccount mike("Mike");
  WireAccount john("John");
  auto options = WireAccount::OnLoopback();
  options.address = mike.address();
  daemon::FederationService service(john.loop(), john.account());
  const auto listener = john.OnLoop([&] {
    return daemon::PeerListener::Start(john.loop(), john.tls(), service,
                                       options)
        .status();
  });
  EXPECT_THAT(listener, StatusIs(absl::StatusCode::kUnavailable,
                                 AllOf(HasSubstr(mike.address()),
                                       HasSubstr("name another port"))));
}

}  // namespace
}  // namespace interlink::testing
