// Where the PBX's doors stand, as the network of their machine changes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/pbx_doors.h"
#include "tests/support/simulated_account.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::Not;
using std::chrono_literals::operator""s;

class DoorPlacesTest : public ::testing::Test {
 protected:
  std::unique_ptr<PbxDoors> OpenAt(const std::string& address) {
    Config config;
    config.sip_listen = address;
    auto doors = PbxDoors::Open(config, loop_, mike_.account(), randomness_,
                                [this] { return hosts_; });
    EXPECT_THAT(doors, IsOk());
    return *std::move(doors);
  }
  static std::vector<std::string> HostsIn(const PbxDoors& doors) {
    std::vector<std::string> hosts;
    for (const auto& place : doors.Places()) hosts.push_back(place.host.text());
    return hosts;
  }

  interlink::testing::VirtualTime time_;
  interlink::testing::SimulatedNetwork network_{time_};
  interlink::testing::SimulatedAccount mike_{time_, network_, "Mike"};
  interlink::testing::VirtualLoop loop_{time_};
  interlink::testing::SeededRandomness randomness_{1};
  std::vector<std::string> hosts_ = {"192.0.2.7"};
};

TEST_F(DoorPlacesTest, ADoorAtAllAddressesIsAlsoAtOneThatComesLater) {
  const auto doors = OpenAt("0.0.0.0:0");
  int changes = 0;
  doors->OnNewPlaces([&] { ++changes; });
  EXPECT_THAT(HostsIn(*doors), IsSupersetOf({"0.0.0.0", "192.0.2.7"}));
  hosts_.push_back("192.0.2.8");
  time_.Advance(10s);
  EXPECT_EQ(changes, 1);
  EXPECT_THAT(HostsIn(*doors), IsSupersetOf({"192.0.2.7", "192.0.2.8"}));
}

TEST_F(DoorPlacesTest, ADoorAtOneAddressIsNowhereElse) {
  const auto doors = OpenAt("127.0.0.1:0");
  doors->OnNewPlaces([] { ADD_FAILURE() << "nothing has changed"; });
  hosts_.push_back("192.0.2.8");
  time_.Advance(60s);
  EXPECT_THAT(HostsIn(*doors), ::testing::ElementsAre("127.0.0.1"));
}

// Calls must not be led back there by either.
TEST_F(DoorPlacesTest, ADoorThatIsSetByNameIsAtItsAddressToo) {
  const auto doors = OpenAt("localhost:0");
  EXPECT_THAT(HostsIn(*doors), Contains("localhost"));
  EXPECT_THAT(HostsIn(*doors), Contains(Not("localhost")));
}

}  // namespace
}  // namespace interlink::daemon
