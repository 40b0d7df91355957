#include "daemon/system/own_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using std::chrono_literals::operator""s;

// Of a daemon on a machine whose network the test makes.
class OwnAddressesTest : public ::testing::Test {
 protected:
  OwnAddresses BoundTo(const std::string& bound) {
    return OwnAddresses(
        loop_, bound, [this] { return host_; }, [this] { ++changes_; });
  }

  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  std::string host_;
  int changes_ = 0;
};

TEST_F(OwnAddressesTest, ASpecificAddressIsTold) {
  OwnAddresses own = BoundTo("10.0.0.5:7443");
  own.Set({});
  EXPECT_THAT(own.addresses(), ElementsAre("10.0.0.5:7443"));
}

TEST_F(OwnAddressesTest, AnAdvertisedAddressReplacesTheBoundOne) {
  OwnAddresses own = BoundTo("10.0.0.5:7443");
  own.Set({"a.example:1", "b.example:2"});
  EXPECT_THAT(own.addresses(), ElementsAre("a.example:1", "b.example:2"));
  own.Set({"none"});
  EXPECT_THAT(own.addresses(), IsEmpty());
}

TEST_F(OwnAddressesTest,
       AWildcardIsReachedAtTheNetworksAddressAndTheBoundPort) {
  for (const std::string bound : {"0.0.0.0:40001", "[::]:40001"}) {
    host_ = "10.77.0.5";
    OwnAddresses own = BoundTo(bound);
    own.Set({});
    EXPECT_THAT(own.addresses(), ElementsAre("10.77.0.5:40001"));
  }
}

TEST_F(OwnAddressesTest, ANetworkThatComesAfterTheDaemonIsFound) {
  OwnAddresses own = BoundTo("0.0.0.0:7443");
  own.Set({});
  EXPECT_THAT(own.addresses(), IsEmpty());
  time_.Advance(60s);
  EXPECT_EQ(changes_, 0);
  host_ = "10.77.0.5";
  time_.Advance(10s);
  EXPECT_THAT(own.addresses(), ElementsAre("10.77.0.5:7443"));
  EXPECT_EQ(changes_, 1);
}

TEST_F(OwnAddressesTest, ANewAddressIsFollowedAndALostNetworkKeepsTheOld) {
  host_ = "10.77.0.5";
  OwnAddresses own = BoundTo("0.0.0.0:7443");
  own.Set({});
  host_ = "";
  time_.Advance(60s);
  EXPECT_THAT(own.addresses(), ElementsAre("10.77.0.5:7443"));
  EXPECT_EQ(changes_, 0);
  host_ = "10.77.0.6";
  time_.Advance(10s);
  EXPECT_THAT(own.addresses(), ElementsAre("10.77.0.6:7443"));
  EXPECT_EQ(changes_, 1);
}

TEST_F(OwnAddressesTest, AnAdvertisedAddressDoesNotFollowTheNetwork) {
  host_ = "10.77.0.5";
  OwnAddresses own = BoundTo("0.0.0.0:7443");
  own.Set({});
  own.Set({"a.example:1"});
  host_ = "10.77.0.6";
  time_.Advance(60s);
  EXPECT_THAT(own.addresses(), ElementsAre("a.example:1"));
  EXPECT_EQ(changes_, 0);
}

TEST(HostInNetworkTest, IsNeverThisMachineAlone) {
  EXPECT_THAT(HostInNetwork(), Not(StartsWith("127.")));
  EXPECT_THAT(HostInNetwork(), Not(StartsWith("0.")));
  EXPECT_THAT(HostInNetwork(), Not(StartsWith("[fe80")));
}

}  // namespace
}  // namespace interlink::daemon
