#include "federation/base/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace interlink::federation {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// The warnings of an account with these addresses and a contact at `host`.
std::vector<std::string> Warnings(std::vector<std::string> addresses,
                                  const std::string& host) {
  AccountSettings settings;
  settings.addresses = std::move(addresses);
  settings.contact = "sip:{number}@" + host;
  return ReachWarnings(settings);
}

TEST(ReachTest, AnAccountThatAllCanReachGetsNoWarning) {
  for (const char* host : {"pbx.example.net", "203.0.113.7", "172.32.0.1",
                           "100.128.0.1", "[2001:db8::1]"}) {
    EXPECT_THAT(Warnings({std::string(host) + ":7443"}, host), IsEmpty())
        << host;
  }
  EXPECT_THAT(Warnings({}, "pbx.example.net"), IsEmpty());
}

TEST(ReachTest, AnAddressOfThisMachineIsOfNoUseToOthers) {
  for (const char* host :
       {"127.0.0.1", "127.1.2.3", "localhost", "[::1]", "[::ffff:127.0.0.1]",
        "LOCALHOST", "localhost.localdomain"}) {
    EXPECT_THAT(Warnings({std::string(host) + ":7443"}, "pbx.example.net"),
                ElementsAre(AllOf(HasSubstr("nobody beyond this machine"),
                                  HasSubstr(host), HasSubstr("--advertise"))));
  }
}

TEST(ReachTest, APrivateAddressIsForItsNetworkOnly) {
  for (const char* host :
       {"10.99.1.2", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "169.254.1.1", "[fd00::1]", "[fe80::1]", "vm",
        "pbx.local", "pbx.office.lan"}) {
    EXPECT_THAT(Warnings({std::string(host) + ":7443"}, "pbx.example.net"),
                ElementsAre(AllOf(HasSubstr("only this network"),
                                  HasSubstr(host), HasSubstr("--advertise"))))
        << host;
  }
}

TEST(ReachTest, OneReachableAddressIsEnough) {
  EXPECT_THAT(
      Warnings({"10.0.0.1:7443", "pbx.example.net:7443"}, "pbx.example.net"),
      IsEmpty());
  EXPECT_THAT(Warnings({"127.0.0.1:7443", "10.0.0.1:7443"}, "pbx.example.net"),
              ElementsAre(HasSubstr("only this network can reach "
                                    "127.0.0.1:7443, 10.0.0.1:7443")));
}

TEST(ReachTest, AnAccountOnThisMachineAloneGetsOneWarning) {
  EXPECT_THAT(
      Warnings({"127.0.0.1:7443"}, "127.0.0.1"),
      ElementsAre(AllOf(HasSubstr("nobody beyond this machine can reach "
                                  "127.0.0.1:7443"),
                        HasSubstr("\"sip:{number}@127.0.0.1\""),
                        HasSubstr("--advertise"), HasSubstr("--contact"))));
  EXPECT_THAT(Warnings({"localhost:7443"}, "localhost"),
              ElementsAre(HasSubstr("\"sip:{number}@localhost\"")));
  EXPECT_THAT(Warnings({"10.0.0.1:7443"}, "10.0.0.1"), SizeIs(2));
}

TEST(ReachTest, EnteringAKeyWarnsOfTheContactAlone) {
  AccountSettings settings;
  settings.addresses = {"127.0.0.1:7443"};
  settings.contact = "sip:{number}@127.0.0.1";
  EXPECT_THAT(ContactWarnings(settings),
              ElementsAre(AllOf(HasSubstr("\"sip:{number}@127.0.0.1\""),
                                HasSubstr("--contact"),
                                Not(HasSubstr("--advertise")))));
  settings.contact = "sip:{number}@pbx.example.net";
  EXPECT_THAT(ContactWarnings(settings), IsEmpty());
}

TEST(ReachTest, AContactThatNobodyCanDialIsNamed) {
  EXPECT_THAT(Warnings({}, "vm"),
              ElementsAre(AllOf(HasSubstr("no other account's PBX can dial"),
                                HasSubstr("\"sip:{number}@vm\""),
                                HasSubstr("--contact"))));
  EXPECT_THAT(Warnings({}, "192.168.1.1:5060"),
              ElementsAre(AllOf(HasSubstr("only this network can reach the "
                                          "contact"),
                                HasSubstr("--contact"))));
}

}  // namespace
}  // namespace interlink::federation
