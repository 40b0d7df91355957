#include "daemon/net/connection_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/address.hpp>
#include <string>
#include <vector>

#include "daemon/net/source_network.h"

namespace interlink::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Four places, two for the silent of each source; notes who is closed.
class ConnectionPlacesTest : public ::testing::Test {
 protected:
  // `name` is what closed_ says if the connection has to go.
  std::optional<ConnectionPlaces::Id> Take(const std::string& network,
                                           const std::string& name) {
    return places_.Take(network, [this, name] { closed_.push_back(name); });
  }

  ConnectionPlaces places_{{.in_all = 4, .silent_per_source = 2}};
  std::vector<std::string> closed_;
};

TEST_F(ConnectionPlacesTest, TheOldestSilentOneOfASourceWithTooManyGoes) {
  Take("a", "first");
  Take("a", "second");
  Take("b", "other");
  EXPECT_TRUE(Take("a", "third"));
  EXPECT_THAT(closed_, ElementsAre("first"));
  EXPECT_EQ(places_.taken(), 3u);
}

TEST_F(ConnectionPlacesTest, SettledOnesDoNotCountTowardsTheirSource) {
  for (int i = 0; i < 3; ++i) places_.Settle(*Take("a", "settled"));
  EXPECT_TRUE(Take("a", "silent"));
  EXPECT_THAT(closed_, IsEmpty());
}

TEST_F(ConnectionPlacesTest, TheOldestSilentOneOfAllGoesWhenItIsFull) {
  places_.Settle(*Take("a", "settled"));
  for (const char* name : {"b", "c", "d"}) Take(name, name);
  EXPECT_TRUE(Take("e", "e"));
  EXPECT_THAT(closed_, ElementsAre("b"));
  EXPECT_EQ(places_.taken(), 4u);
}

TEST_F(ConnectionPlacesTest, SettledOnesNeverGiveWay) {
  for (const char* name : {"a", "b", "c", "d"}) places_.Settle(*Take(name, ""));
  EXPECT_FALSE(Take("e", "e"));
  EXPECT_THAT(closed_, IsEmpty());
}

TEST_F(ConnectionPlacesTest, KeptNetworksGiveWayToNobodyElse) {
  places_.Keep("kept");
  Take("kept", "kept");
  for (const char* name : {"a", "b", "c"}) Take(name, name);
  EXPECT_TRUE(Take("kept", "kept too"));
  EXPECT_TRUE(Take("d", "d"));
  EXPECT_THAT(closed_, ElementsAre("a", "b"));
}

TEST_F(ConnectionPlacesTest, OnlyAKeptNetworkTakesAPlaceFromAKeptOne) {
  for (const char* name : {"a", "b", "c", "d"}) {
    places_.Keep(name);
    Take(name, name);
  }
  EXPECT_FALSE(Take("stranger", "stranger"));
  places_.Keep("e");
  EXPECT_TRUE(Take("e", "e"));
  EXPECT_THAT(closed_, ElementsAre("a"));
}

TEST_F(ConnectionPlacesTest, KeepConcernsWhatIsOpenAlready) {
  for (const char* name : {"a", "b", "c", "d"}) Take(name, name);
  places_.Keep("a");
  Take("e", "e");
  places_.Release("a");
  Take("f", "f");
  EXPECT_THAT(closed_, ElementsAre("b", "a"));
}

TEST_F(ConnectionPlacesTest, AConnectionThatFallsSilentAgainIsTheYoungest) {
  const auto idle = Take("a", "idle");
  places_.Settle(*idle);
  Take("b", "b");
  places_.Unsettle(*idle);
  Take("c", "c");
  Take("d", "d");
  Take("e", "e");
  EXPECT_THAT(closed_, ElementsAre("b"));
  Take("f", "f");
  EXPECT_THAT(closed_, ElementsAre("b", "idle"));
  // The place is lost: nothing that comes later has an effect.
  places_.Settle(*idle);
  places_.Leave(*idle);
  EXPECT_EQ(places_.taken(), 4u);
}

TEST_F(ConnectionPlacesTest, APlaceThatIsLeftIsFree) {
  const auto silent = Take("a", "silent");
  const auto settled = Take("a", "settled");
  places_.Settle(*settled);
  EXPECT_TRUE(places_.HasSettled("a"));
  places_.Leave(*silent);
  places_.Leave(*settled);
  EXPECT_FALSE(places_.HasSettled("a"));
  EXPECT_EQ(places_.taken(), 0u);
  EXPECT_THAT(closed_, IsEmpty());
}

TEST(SourceNetworkTest, Ipv6CountsByNetworkAndIpv4ByAddress) {
  const auto network = [](const char* address) {
    return NetworkOf(boost::asio::ip::make_address(address));
  };
  EXPECT_EQ(network("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network("2001:db8:0:1:2:3:4:5"), "2001:db8:0:1::");
  EXPECT_NE(network("2001:db8:0:2::1"), network("2001:db8:0:1::1"));
}

}  // namespace
}  // namespace interlink::daemon
