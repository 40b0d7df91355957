#include "daemon/peer/accept/peer_connections.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "daemon/net/source_network.h"
#include "daemon/peer/accept/traffic_debt.h"
#include "daemon/peer/accept/unlinked_connections.h"
#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::tcp;

class PeerConnectionsTest : public ::testing::Test {
 protected:
  // The daemon's end of a new connection from 127.0.0.1, and the other end.
  struct Pair {
    tcp::socket client;
    tcp::socket server;
  };
  Pair Connect() {
    tcp::socket client(context_);
    client.connect(acceptor_.local_endpoint());
    return {std::move(client), acceptor_.accept()};
  }

  bool Add(Pair& pair) {
    return connections_.Add(pair.server, pair.server.remote_endpoint());
  }
  // One over which the link's peer speaks.
  Pair ConnectLinked() {
    Pair pair = Connect();
    EXPECT_TRUE(Add(pair));
    connections_.Accepted(SourceOf(pair.server.remote_endpoint()), link_, 0);
    return pair;
  }

  // Sends `bytes`, of which `call` are a request that is answered; so often, or
  // until the connection is broken off. How often it was.
  int CallOver(Pair& pair, size_t bytes, size_t call, int times) {
    const std::string source = SourceOf(pair.server.remote_endpoint());
    std::string sent(bytes, 'x');
    for (int i = 0; i < times; ++i) {
      boost::system::error_code error;
      boost::asio::write(pair.client, boost::asio::buffer(sent), error);
      if (error) return i;
      boost::asio::read(pair.server, boost::asio::buffer(sent), error);
      if (error) return i;
      connections_.Accepted(source, link_, TrafficDebt::OfCall(call));
    }
    return times;
  }

  // Whether all have ended before ten seconds are over.
  bool AllEnd() {
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (connections_.open() > 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  const store::InterlinkId link_ =
      *store::InterlinkId::FromBytes(std::string(16, 'l'));
  AsioEventLoop loop_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, {address_v4::loopback(), 0}};
  PeerConnections connections_{loop_,
                               {.places = {.in_all = 100,
                                           .silent_in_all = 100,
                                           .silent_per_source = 100,
                                           .time_to_speak = {}},
                                .unlinked = std::chrono::minutes(1)},
                               {.linked = [](store::InterlinkId) {},
                                .flooded = [](store::InterlinkId) {}}};
};

// A connection is looked at every few milliseconds at most, and gRPC or the
// other end may end it before the next look.
TEST_F(PeerConnectionsTest, AFloodCountsThoughItEndsBeforeItIsLookedAt) {
  const std::string flood(2 * UnlinkedConnections::kMaxBytes, 'x');
  for (int i = 0; i < SourceStrikes::kMost; ++i) {
    Pair pair = Connect();
    ASSERT_TRUE(Add(pair)) << i;
    // The first look is at this.
    boost::asio::write(pair.client, boost::asio::buffer("x", 1));
    boost::system::error_code broken;
    boost::asio::write(pair.client, boost::asio::buffer(flood), broken);
    pair.client.set_option(boost::asio::socket_base::linger(true, 0), broken);
    pair.client.close();
    ASSERT_TRUE(AllEnd());
  }
  EXPECT_EQ(connections_.broken_off(), SourceStrikes::kMost);
  Pair refused = Connect();
  EXPECT_FALSE(Add(refused));
}

TEST_F(PeerConnectionsTest, ALinkSpeaksOverAConnectionFromItsProofToItsEnd) {
  Pair pair = Connect();
  ASSERT_TRUE(Add(pair));
  const std::string source = SourceOf(pair.server.remote_endpoint());
  EXPECT_EQ(connections_.LinkOf(source), std::nullopt);
  connections_.Accepted(source, link_, 0);
  EXPECT_EQ(connections_.LinkOf(source), link_);
  EXPECT_EQ(connections_.LinkOf("127.0.0.1:1"), std::nullopt);
  connections_.ForgetLink(link_);
  EXPECT_EQ(connections_.LinkOf(source), std::nullopt);
}

TEST_F(PeerConnectionsTest, WhatIsHiddenBetweenAnsweredCallsIsAFlood) {
  Pair pair = ConnectLinked();
  EXPECT_LT(CallOver(pair, 540, 40, 10'000), 10'000);
  EXPECT_EQ(connections_.broken_off(), 1u);
}

// Two thousand lookups a second for a minute, without the time that forgives
// debts. What they cost is measured by ConnectionBoundTest.
TEST_F(PeerConnectionsTest, AnHonestPeerOwesNothingHoweverFastItCalls) {
  constexpr size_t kRequest = 23;
  Pair pair = ConnectLinked();
  EXPECT_EQ(CallOver(pair, kRequest + 116, kRequest, 120'000), 120'000);
  EXPECT_EQ(connections_.broken_off(), 0u);
}

}  // namespace
}  // namespace interlink::daemon
