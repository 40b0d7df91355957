#include "daemon/doctor/way_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/no_peers.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

tcp::endpoint At(const std::string& address, uint16_t port) {
  return {boost::asio::ip::make_address(address), port};
}

// A peer that listens at 127.0.0.1 and is never asked to do more.
class WayTrialTest : public ::testing::Test {
 protected:
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  // The way to a name that has these addresses.
  WayTrial::Outcome Try(const HostLookup::Endpoints& endpoints) {
    HostLookup names(loop_, [&](const std::string&, const std::string&) {
      return endpoints;
    });
    WayTrial::Outcome outcome;
    const auto trial = WayTrial::Start(loop_, names, peers_,
                                       {.address = "peer.test:7443", .pin = {}},
                                       {}, [&](WayTrial::Outcome found) {
                                         outcome = std::move(found);
                                         loop_.Stop();
                                       });
    loop_.context().restart();
    loop_.Run();
    return outcome;
  }
  static std::vector<std::string> DeadEnds(const WayTrial::Outcome& outcome) {
    std::vector<std::string> all;
    for (const auto& dead : outcome.dead_ends) {
      all.push_back(dead.endpoint.address().to_string() + ": " + dead.why +
                    (dead.is_beyond_network ? ", beyond" : ""));
    }
    return all;
  }

  AsioEventLoop loop_;
  tcp::acceptor acceptor_{loop_.context(), At("127.0.0.1", 0)};
  interlink::testing::NoPeers peers_{loop_};
};

TEST_F(WayTrialTest, AnAddressThatTakesConnectionsIsAskedThere) {
  const auto outcome = Try({At("127.0.0.1", port())});
  EXPECT_EQ(outcome.address, "peer.test:7443");
  EXPECT_EQ(outcome.connected, At("127.0.0.1", port()));
  EXPECT_THAT(DeadEnds(outcome), IsEmpty());
  EXPECT_FALSE(outcome.status.ok());  // NoPeers has answered.
}

TEST_F(WayTrialTest, ADeadAddressIsNamedWhereverItStands) {
  const auto living = At("127.0.0.1", port());
  for (const std::string dead : {"127.0.0.2", "::1"}) {
    const auto refused = At(dead, port());
    for (const auto& both : {HostLookup::Endpoints{living, refused},
                             HostLookup::Endpoints{refused, living}}) {
      const auto outcome = Try(both);
      EXPECT_EQ(outcome.connected, living);
      ASSERT_EQ(outcome.dead_ends.size(), 1u);
      EXPECT_EQ(outcome.dead_ends[0].endpoint, refused);
      EXPECT_FALSE(outcome.status.ok());
    }
  }
}

TEST_F(WayTrialTest, WithoutAConnectionNobodyIsAsked) {
  const auto outcome = Try({At("127.0.0.2", port()), At("127.0.0.3", port())});
  EXPECT_EQ(outcome.connected, std::nullopt);
  EXPECT_THAT(DeadEnds(outcome), ElementsAre("127.0.0.2: Connection refused",
                                             "127.0.0.3: Connection refused"));
  EXPECT_TRUE(outcome.status.ok());  // There was no Lookup.
}

// A packet to the broadcast address leads nowhere from this machine.
TEST_F(WayTrialTest, WhatThisMachineHasNoWayToIsToldApart) {
  const auto outcome =
      Try({At("127.0.0.1", port()), At("255.255.255.255", port())});
  EXPECT_THAT(DeadEnds(outcome),
              ElementsAre("255.255.255.255: Network is unreachable, beyond"));
}

TEST_F(WayTrialTest, ANameWithoutAddressesEndsTheWay) {
  const auto outcome = Try({});
  EXPECT_THAT(outcome.endpoints, IsEmpty());
  EXPECT_FALSE(outcome.is_name_late);
  EXPECT_TRUE(outcome.status.ok());
}

}  // namespace
}  // namespace interlink::daemon
