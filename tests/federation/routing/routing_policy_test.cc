#include "federation/routing/routing_policy.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::Refuses;

class RoutingPolicyTest : public ::testing::Test {
 protected:
  RoutingPolicyTest() {
    EXPECT_THAT(mike_.GenerateKey("John"), IsOk());
    peer_.id = mike_.account().interlinks().FindByName("John")->id;
    SetContact("sip:{number}@pbx.john.test");
  }
  void SetContact(const std::string& contact) {
    auto parsed = ContactTemplate::Parse(contact);
    peer_.contact = parsed.ok() ? std::optional(*parsed) : std::nullopt;
  }
  // `contact`: the number's own.
  std::optional<std::string> UriFor(const std::string& contact = "",
                                    const Asker& asker = {}) {
    const auto number = *store::InternalNumber::Parse("201");
    const auto found =
        policy_.ContactFor({.peer = std::make_shared<LinkedPeer>(peer_),
                            .name = "",
                            .contact = contact,
                            .fresh_until = {}},
                           number, asker);
    return found.ok() ? std::optional(found->UriFor(number.ToString()))
                      : std::nullopt;
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount mike_{time_, network_, "Mike"};
  testing::VirtualLoop loop_{time_};
  LinkBudget budget_ = LinkBudget::ForCommits(loop_);
  PeerEvents events_{mike_.account().ledger(), loop_, budget_};
  ContactAlarm alarm_{loop_, mike_.account().ledger(), events_};
  AccountSettings settings_{.contact = "sip:{number}@pbx.mike.test"};
  RoutingPolicy policy_{settings_, alarm_};
  LinkedPeer peer_;
};

TEST_F(RoutingPolicyTest, ANumbersOwnContactComesBeforeThatOfItsAccount) {
  EXPECT_EQ(UriFor(), "sip:201@pbx.john.test");
  EXPECT_EQ(UriFor("sip:{number}@desk.john.test"), "sip:201@desk.john.test");
}

TEST_F(RoutingPolicyTest, WithoutAContactThatKeepsTheRulesThereIsNoRoute) {
  EXPECT_EQ(UriFor("sip:201@desk.john.test"), std::nullopt);
  SetContact("none");
  EXPECT_EQ(UriFor(), std::nullopt);
  EXPECT_EQ(UriFor("sip:{number}@desk.john.test"), "sip:201@desk.john.test");
}

TEST_F(RoutingPolicyTest, OnlyHostsThatTheAdministratorNamesAreGivenOut) {
  settings_.contact_hosts = {*Host::Parse("desk.john.test")};
  EXPECT_EQ(UriFor(), "sip:201@pbx.john.test");  // Not reloaded yet.
  policy_.Reload();
  EXPECT_EQ(UriFor(), std::nullopt);
  EXPECT_EQ(UriFor("sip:{number}@DESK.john.test"), "sip:201@DESK.john.test");
}

// What shuts out all numbers of a link is a trouble of that link.
TEST_F(RoutingPolicyTest, TheContactOfAWholeLinkIsChecked) {
  Row row;
  row.record.mutable_peer()->set_contact("sip:{number}@pbx.john.test");
  EXPECT_THAT(policy_.CheckContact(row), IsOk());
  settings_.contact_hosts = {*Host::Parse("desk.john.test")};
  policy_.Reload();
  EXPECT_THAT(policy_.CheckContact(row),
              Refuses(Reason::kContactInvalid,
                      HasSubstr("leads to pbx.john.test, which is not among "
                                "--contact-hosts")));
  settings_.contact_hosts = {*Host::Parse("pbx.john.test")};
  settings_.contact = "sip:{number}@pbx.john.test";
  settings_.is_contact_set = true;
  policy_.Reload();
  EXPECT_THAT(policy_.CheckContact(row), Refuses(Reason::kContactInvalid));
  row.record.mutable_peer()->set_contact("none");
  EXPECT_THAT(policy_.CheckContact(row), Refuses(Reason::kContactInvalid));
  time_.Advance(1s);
  EXPECT_THAT(mike_.EventKinds(), Not(Contains("ROUTE_BACK_REFUSED")));
}

TEST_F(RoutingPolicyTest, NoRouteLeadsBackToTheOwnPbx) {
  SetContact(settings_.contact);
  EXPECT_EQ(UriFor(), "sip:201@pbx.mike.test");  // It may be nobody's.
  settings_.is_contact_set = true;
  policy_.Reload();
  EXPECT_EQ(UriFor(), std::nullopt);
  EXPECT_EQ(UriFor("sip:x{number}@PBX.mike.test:5061"), std::nullopt);
  EXPECT_EQ(UriFor("sips:{number}@pbx.mike.test"), std::nullopt);
  EXPECT_EQ(UriFor("sip:{number}@pbx.mike.test;transport=tls"), std::nullopt);
  EXPECT_EQ(UriFor("sip:{number}@pbx.mike.test:5070"),
            "sip:201@pbx.mike.test:5070");
  time_.Advance(1s);
  EXPECT_THAT(mike_.EventKinds(), Contains("ROUTE_BACK_REFUSED"));
}

TEST_F(RoutingPolicyTest, NoRouteLeadsToTheMachineItself) {
  const auto refuses_all = [this] {
    for (const char* host :
         {"127.0.0.1", "127.1.2.3:5070", "[::1]", "[0:0::0:1]:5070",
          "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "pbx.LOCALHOST",
          "localhost.localdomain"}) {
      EXPECT_EQ(UriFor("sip:{number}@" + std::string(host)), std::nullopt)
          << host;
    }
  };
  refuses_all();
  time_.Advance(1s);
  EXPECT_THAT(mike_.EventKinds(), Contains("ROUTE_BACK_REFUSED"));
  settings_.is_contact_set = true;
  policy_.Reload();
  refuses_all();
  EXPECT_EQ(UriFor("sip:{number}@128.0.0.1"), "sip:201@128.0.0.1");
  EXPECT_EQ(UriFor("sip:{number}@[::2]"), "sip:201@[::2]");
  EXPECT_EQ(UriFor("sip:{number}@xlocalhost.test"), "sip:201@xlocalhost.test");
}

TEST_F(RoutingPolicyTest, RoutesToTheMachineItselfMayBeAllowed) {
  settings_.contact_hosts = {*Host::Parse("127.0.0.2"), *Host::Parse("[::1]")};
  policy_.Reload();
  EXPECT_EQ(UriFor("sip:{number}@127.0.0.2"), "sip:201@127.0.0.2");
  EXPECT_EQ(UriFor("sip:{number}@[::1]"), "sip:201@[::1]");
  EXPECT_EQ(UriFor("sip:{number}@127.0.0.1"), std::nullopt);
}

// Then its peers are there too.
TEST_F(RoutingPolicyTest, AnAccountOfTheMachineItselfIsLedThere) {
  settings_.contact = "sip:{number}@127.0.0.1:5070";
  policy_.Reload();
  EXPECT_EQ(UriFor("sip:{number}@127.0.0.1:5080"), "sip:201@127.0.0.1:5080");
  settings_.is_contact_set = true;
  policy_.Reload();
  EXPECT_EQ(UriFor("sip:{number}@127.0.0.1:5080"), "sip:201@127.0.0.1:5080");
  EXPECT_EQ(UriFor("sip:{number}@127.0.0.1:5070"), std::nullopt);
}

TEST_F(RoutingPolicyTest, NoRouteLeadsBackToThePbxThatAsks) {
  Asker asker{{*Host::Parse("192.0.2.5"), *Host::Parse("pbx.branch.test")}, {}};
  for (const char* contact :
       {"sip:{number}@192.0.2.5", "sips:{number}@[::ffff:192.0.2.5]:5070",
        "sip:{number}@PBX.branch.test;transport=tcp"}) {
    EXPECT_EQ(UriFor(contact, asker), std::nullopt) << contact;
  }
  EXPECT_EQ(UriFor("sip:{number}@192.0.2.6", asker), "sip:201@192.0.2.6");
  time_.Advance(1s);
  EXPECT_THAT(mike_.EventKinds(), Contains("ROUTE_BACK_REFUSED"));
  asker.ports = {5060, 40000};
  EXPECT_EQ(UriFor("sip:{number}@192.0.2.5", asker), std::nullopt);
  EXPECT_EQ(UriFor("sip:{number}@192.0.2.5:40000", asker), std::nullopt);
  EXPECT_EQ(UriFor("sip:{number}@192.0.2.5:5070", asker),
            "sip:201@192.0.2.5:5070");
}

TEST_F(RoutingPolicyTest, NoRouteLeadsToADoorOfThisDaemon) {
  settings_.addresses = {"mike.test:7443", "203.0.113.5:7443"};
  for (const char* door :
       {"192.0.2.7:5060", "0.0.0.0:8088", "localhost:5090", "127.0.0.3:5095"}) {
    settings_.doors.push_back(*SplitHostPort(door));
  }
  // Naming a host does not open its doors to peers.
  for (const char* host :
       {"192.0.2.7", "mike.test", "pbx.mike.test", "127.0.0.9", "127.0.0.3",
        "pbx.localhost", "203.0.113.5"}) {
    settings_.contact_hosts.push_back(*Host::Parse(host));
  }
  policy_.Reload();
  for (const char* door :
       {"192.0.2.7", "192.0.2.7:5060", "[::ffff:192.0.2.7]", "MIKE.test:8088",
        "127.0.0.9:8088", "pbx.localhost:8088", "pbx.localhost:5090",
        "127.0.0.9:5090", "127.0.0.3:5095", "pbx.localhost:5095"}) {
    EXPECT_EQ(UriFor("sip:{number}@" + std::string(door)), std::nullopt)
        << door;
  }
  for (const char* other :
       {"192.0.2.7:5070", "mike.test", "mike.test:5090", "127.0.0.9:5070",
        // A router and a PBX, which are no machine of this daemon.
        "203.0.113.5:8088", "pbx.mike.test:8088", "127.0.0.9:5095",
        "pbx.localhost"}) {
    EXPECT_EQ(UriFor("sip:{number}@" + std::string(other)),
              "sip:201@" + std::string(other));
  }
  time_.Advance(1s);
  EXPECT_THAT(mike_.EventKinds(), Contains("ROUTE_BACK_REFUSED"));
}

TEST_F(RoutingPolicyTest, ANumberIsNeverRemoteOnceTheAdministratorSaysSo) {
  const auto number = *store::InternalNumber::Parse("112");
  EXPECT_FALSE(policy_.IsNeverRemote(number));
  settings_.never_remote = {number};
  policy_.Reload();
  EXPECT_TRUE(policy_.IsNeverRemote(number));
}

}  // namespace
}  // namespace interlink::federation
