#include "daemon/system/machine_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <string>
#include <vector>

#include "daemon/net/listen_address.h"
#include "daemon/system/logging.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using std::chrono_literals::operator""s;

// Of a machine whose addresses the test makes.
class MachineHostsTest : public ::testing::Test {
 protected:
  MachineHostsTest() { SetUpLogging("text", "info"); }

  // What is logged within ten seconds.
  std::string LoggedInTenSeconds() {
    ::testing::internal::CaptureStderr();
    time_.Advance(10s);
    FlushLog();
    return ::testing::internal::GetCapturedStderr();
  }

  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  absl::StatusOr<std::vector<std::string>> found_ =
      std::vector<std::string>{"192.0.2.7"};
  MachineHosts hosts_{loop_, [this] { return found_; }};
};

TEST_F(MachineHostsTest, AnAddressThatComesLaterIsFoundWithinTenSeconds) {
  int changes = 0;
  hosts_.OnChange([&] { ++changes; });
  EXPECT_THAT(hosts_.hosts(), ElementsAre("192.0.2.7"));
  time_.Advance(60s);
  EXPECT_EQ(changes, 0);
  found_ = std::vector<std::string>{"192.0.2.7", "[2001:db8::7]"};
  time_.Advance(10s);
  EXPECT_EQ(changes, 1);
  EXPECT_THAT(hosts_.hosts(), ElementsAre("192.0.2.7", "[2001:db8::7]"));
  found_ = std::vector<std::string>();
  time_.Advance(10s);
  EXPECT_EQ(changes, 2);
  EXPECT_THAT(hosts_.hosts(), IsEmpty());
}

TEST_F(MachineHostsTest, IfTheSystemDoesNotTellTheLastOnesStay) {
  found_ = absl::UnavailableError("Too many open files");
  EXPECT_THAT(LoggedInTenSeconds(), HasSubstr("Too many open files"));
  EXPECT_THAT(hosts_.hosts(), ElementsAre("192.0.2.7"));
  EXPECT_EQ(LoggedInTenSeconds(), "");  // Said once.
  found_ = std::vector<std::string>{"192.0.2.8"};
  EXPECT_EQ(LoggedInTenSeconds(), "");
  EXPECT_THAT(hosts_.hosts(), ElementsAre("192.0.2.8"));
  found_ = absl::UnavailableError("Too many open files");
  EXPECT_THAT(LoggedInTenSeconds(), HasSubstr("Too many open files"));
}

// A door at all addresses of the machine is reached at each of these.
TEST(HostsOfMachineTest, AreAddressesOfThisMachineThatOthersCanDial) {
  bool is_v6 = false;
  const auto hosts = HostsOfMachine();
  ASSERT_THAT(hosts, IsOk());
  for (const std::string& text : *hosts) {
    EXPECT_THAT(text, Not(StartsWith("127.")));
    EXPECT_THAT(text, Not(StartsWith("[fe80")));
    EXPECT_NE(text, "[::1]");
    is_v6 |= text.starts_with("[");
    EXPECT_EQ(text.starts_with("["), is_v6) << "IPv4 after IPv6: " << text;
    boost::asio::io_context context;
    boost::asio::ip::udp::socket socket(context);
    EXPECT_FALSE(BindAt(text + ":0", socket)) << text;
  }
}

}  // namespace
}  // namespace interlink::daemon
