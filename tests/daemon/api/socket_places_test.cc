#include "daemon/api/socket_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace interlink::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Id = SocketPlaces::Id;

class SocketPlacesTest : public ::testing::Test {
 protected:
  // A second after the one before.
  std::optional<Id> Connect(const std::string& user) {
    now_ += std::chrono::seconds(1);
    return places_.Take(user, now_);
  }
  std::vector<Id> Speak(const std::string& user, size_t count) {
    std::vector<Id> ids;
    while (ids.size() < count) {
      ids.push_back(Connect(user).value());
      EXPECT_TRUE(places_.Settle(ids.back()));
    }
    return ids;
  }

  std::vector<Id> closed_;
  SocketPlaces places_{[this](Id id) { closed_.push_back(id); }};
  federation::SteadyTime now_{std::chrono::hours(1)};
};

TEST_F(SocketPlacesTest, OfTooManySilentOnesOfAUserTheOldestGoes) {
  const Id other = Connect("user 2").value();
  const Id first = Connect("user 1").value();
  for (size_t i = 1; i < SocketPlaces::kSilentPerUser; ++i) Connect("user 1");
  EXPECT_THAT(closed_, IsEmpty());
  EXPECT_TRUE(Connect("user 1"));
  EXPECT_THAT(closed_, ElementsAre(first));
  EXPECT_TRUE(places_.Settle(other));
}

TEST_F(SocketPlacesTest, AUserHasOnlySoManyThatHaveSpoken) {
  const auto spoken = Speak("user 1", SocketPlaces::kSpokenPerUser);
  EXPECT_FALSE(places_.Settle(Connect("user 1").value()));
  EXPECT_TRUE(places_.Settle(Connect("user 2").value()));
  places_.Leave(spoken.front());
  EXPECT_TRUE(places_.Settle(Connect("user 1").value()));
  EXPECT_THAT(closed_, IsEmpty());
  EXPECT_EQ(places_.taken(), SocketPlaces::kSpokenPerUser + 1);
}

TEST_F(SocketPlacesTest, WhenAllAreTakenTheUserWithTheMostLosesTheLatest) {
  const auto greedy = Speak("user 1", SocketPlaces::kSpokenPerUser);
  Speak("user 2", SocketPlaces::kInAll - SocketPlaces::kSpokenPerUser - 1);
  Speak("user 3", 1);
  EXPECT_TRUE(places_.Settle(Connect("user 3").value()));
  EXPECT_THAT(closed_, ElementsAre(greedy.back()));
  EXPECT_EQ(places_.taken(), SocketPlaces::kInAll);
  EXPECT_FALSE(Connect("user 1"));
  EXPECT_FALSE(Connect("user 2"));
  EXPECT_EQ(closed_.size(), 1u);
}

TEST_F(SocketPlacesTest, NobodyLosesOneForAUserWhoHasTooManySilentOnes) {
  Speak("user 1", SocketPlaces::kSpokenPerUser);
  Speak("user 2", SocketPlaces::kInAll - SocketPlaces::kSpokenPerUser -
                      SocketPlaces::kSilentPerUser);
  // All within the time that each of them has to speak.
  for (size_t i = 0; i < SocketPlaces::kSilentPerUser; ++i) {
    ASSERT_TRUE(places_.Take("user 3", now_));
  }
  EXPECT_FALSE(places_.Take("user 3", now_));
  EXPECT_THAT(closed_, IsEmpty());
}

TEST_F(SocketPlacesTest, SilentOnesGoBeforeThoseThatHaveSpoken) {
  Speak("user 1", SocketPlaces::kSpokenPerUser);
  Speak("user 2", SocketPlaces::kInAll - SocketPlaces::kSpokenPerUser - 2);
  const Id silent = Connect("user 2").value();
  EXPECT_TRUE(Connect("user 3"));
  EXPECT_THAT(closed_, IsEmpty());
  EXPECT_TRUE(Connect("user 4"));
  EXPECT_THAT(closed_, ElementsAre(silent));
}

}  // namespace
}  // namespace interlink::daemon
