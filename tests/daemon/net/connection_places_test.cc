#include "daemon/net/connection_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/net/source_network.h"

namespace interlink::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::chrono::milliseconds kTimeToSpeak{500};

// Notes who is closed. Time passes only in Wait().
class ConnectionPlacesTest : public ::testing::Test {
 protected:
  explicit ConnectionPlacesTest(
      ConnectionPlaces::Limits limits = {.in_all = 4,
                                         .silent_in_all = 4,
                                         .silent_per_source = 2,
                                         .time_to_speak = kTimeToSpeak})
      : places_(limits) {}

  // `name` is what closed_ says if the connection has to go.
  std::optional<ConnectionPlaces::Id> Take(const std::string& network,
                                           const std::string& name) {
    return places_.Take(network, now_,
                        [this, name] { closed_.push_back(name); });
  }

  // Until all that are there have had their time to speak.
  void Wait() { now_ += kTimeToSpeak; }

  ConnectionPlaces places_;
  std::vector<std::string> closed_;
  federation::SteadyTime now_;
};

TEST_F(ConnectionPlacesTest, TheOldestSilentOneOfASourceWithTooManyGoes) {
  Take("a", "first");
  Take("a", "second");
  Take("b", "other");
  Wait();
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
  Wait();
  EXPECT_TRUE(Take("e", "e"));
  EXPECT_THAT(closed_, ElementsAre("b"));
  EXPECT_EQ(places_.taken(), 4u);
}

TEST_F(ConnectionPlacesTest, SettledOnesNeverGiveWay) {
  for (const char* name : {"a", "b", "c", "d"}) places_.Settle(*Take(name, ""));
  Wait();
  EXPECT_FALSE(Take("e", "e"));
  EXPECT_THAT(closed_, IsEmpty());
}

TEST_F(ConnectionPlacesTest, KeptNetworksGiveWayToNobodyElse) {
  places_.Keep("kept");
  Take("kept", "kept");
  for (const char* name : {"a", "b", "c"}) Take(name, name);
  // Whoever has had a link is not kept waiting either.
  EXPECT_TRUE(Take("kept", "kept too"));
  Wait();
  EXPECT_TRUE(Take("d", "d"));
  EXPECT_THAT(closed_, ElementsAre("a", "b"));
}

TEST_F(ConnectionPlacesTest, OnlyAKeptNetworkTakesAPlaceFromAKeptOne) {
  for (const char* name : {"a", "b", "c", "d"}) {
    places_.Keep(name);
    Take(name, name);
  }
  Wait();
  EXPECT_FALSE(Take("stranger", "stranger"));
  places_.Keep("e");
  EXPECT_TRUE(Take("e", "e"));
  EXPECT_THAT(closed_, ElementsAre("a"));
}

TEST_F(ConnectionPlacesTest, KeepConcernsWhatIsOpenAlready) {
  for (const char* name : {"a", "b", "c", "d"}) Take(name, name);
  places_.Keep("a");
  Wait();
  Take("e", "e");
  places_.Release("a");
  Take("f", "f");
  EXPECT_THAT(closed_, ElementsAre("b", "a"));
}

TEST_F(ConnectionPlacesTest, AConnectionThatFallsSilentAgainIsTheYoungest) {
  const auto idle = Take("a", "idle");
  places_.Settle(*idle);
  Take("b", "b");
  Wait();
  places_.Unsettle(*idle, now_);
  Take("c", "c");
  Take("d", "d");
  EXPECT_TRUE(Take("e", "e"));
  EXPECT_THAT(closed_, ElementsAre("b"));
  Wait();
  EXPECT_TRUE(Take("f", "f"));
  EXPECT_THAT(closed_, ElementsAre("b", "idle"));
  // The place is lost: nothing that comes later has an effect.
  places_.Settle(*idle);
  places_.Leave(*idle);
  EXPECT_EQ(places_.taken(), 4u);
}

TEST_F(ConnectionPlacesTest, ASilentConnectionThatIsAnsweredIsTheYoungest) {
  const auto asks = Take("a", "asks");
  const auto asks_too = Take("a", "asks too");
  Take("b", "b");
  Wait();
  Take("b", "late");
  places_.Unsettle(*asks_too, now_);
  places_.Unsettle(*asks, now_);
  // Of all: what is listed as oldest is not.
  EXPECT_TRUE(Take("c", "c"));
  EXPECT_THAT(closed_, ElementsAre("b"));
  // Of its source; both have time to speak again.
  EXPECT_FALSE(Take("a", "third"));
  Wait();
  EXPECT_TRUE(Take("a", "third"));
  EXPECT_THAT(closed_, ElementsAre("b", "asks too"));
  // It has its old place in no list.
  places_.Leave(*asks);
  Wait();
  Take("c", "d");
  EXPECT_TRUE(Take("d", "e"));
  EXPECT_THAT(closed_, ElementsAre("b", "asks too", "c"));
}

TEST_F(ConnectionPlacesTest, NewcomersOfItsSourceLeaveAConnectionTimeToSpeak) {
  const auto honest = Take("a", "honest");
  for (int i = 0; i < 100; ++i) Take("a", "churning");
  EXPECT_THAT(closed_, IsEmpty());
  EXPECT_EQ(places_.taken(), 2u);
  places_.Settle(*honest);
  EXPECT_TRUE(Take("a", "next"));
}

TEST_F(ConnectionPlacesTest, NewcomersFromElsewhereLeaveItTimeToSpeak) {
  for (const char* name : {"a", "b", "c", "d"}) Take(name, name);
  EXPECT_FALSE(Take("e", "e"));
  Wait();
  EXPECT_TRUE(Take("e", "e"));
  EXPECT_THAT(closed_, ElementsAre("a"));
}

TEST_F(ConnectionPlacesTest, TheSourceWithTheMostSilentOnesGivesWayAtOnce) {
  Take("old", "old");
  Wait();
  Take("a", "first of a");
  Take("a", "second of a");
  Take("b", "b");
  EXPECT_TRUE(Take("c", "c"));
  EXPECT_THAT(closed_, ElementsAre("first of a"));
}

// Four places for the silent beside those that a kept network may have, and any
// number for others.
class SilentPlacesTest : public ConnectionPlacesTest {
 protected:
  SilentPlacesTest()
      : ConnectionPlacesTest({.in_all = 1000,
                              .silent_in_all = SilentConnections::kMostKept + 4,
                              .silent_per_source = 1000,
                              .time_to_speak = kTimeToSpeak}) {}
};

TEST_F(SilentPlacesTest, SilentOnesHaveABoundOfTheirOwn) {
  for (int i = 0; i < 200; ++i) places_.Settle(*Take("a", "settled"));
  for (int i = 0; i < 200; ++i) Take(std::to_string(i), "silent");
  EXPECT_EQ(places_.taken(), 200 + SilentConnections::kMostKept + 4);
  EXPECT_THAT(closed_, IsEmpty());
}

TEST_F(SilentPlacesTest, WhatAKeptNetworkHoldsBeyondItsOwnGivesWayToAll) {
  places_.Keep("kept");
  for (size_t i = 0; i < SilentConnections::kMostKept + 4; ++i) {
    Take("kept", "kept " + std::to_string(i));
  }
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Take("a", "a"));
  EXPECT_THAT(closed_, ElementsAre("kept 0", "kept 1", "kept 2", "kept 3"));
  Wait();
  EXPECT_TRUE(Take("b", "b"));
  EXPECT_EQ(closed_.back(), "a");
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
