// The SIP door of whole daemons.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/daemon/sip/sip_client.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/sip_message.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::Eventually;
using ::interlink::testing::HttpClient;
using ::interlink::testing::IsOk;
using ::interlink::testing::SipField;
using ::interlink::testing::SipMessage;
using ::interlink::testing::SipStatus;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using By = SipClient::By;

void OpenDoor(Config& config) {
  config.sip_listen = "127.0.0.1:0";
  config.sip_allow = {*AddressRange::Parse("127.0.0.1")};
  config.call_admission = "token";
}

void AddNumber(ApiClient& api, const std::string& number,
               const std::string& destination) {
  v1::CreateNumberRequest request;
  request.mutable_number()->set_number(number);
  request.mutable_number()->set_destination(destination);
  grpc::ClientContext context;
  SetPatience(context);
  v1::CreateNumberResponse response;
  EXPECT_TRUE(api.numbers->CreateNumber(&context, request, &response).ok());
}

// Calls a number or a token at a daemon's door, each time anew.
std::string Dial(const RunningDaemon& daemon, const std::string& user,
                 By by = By::kUdp) {
  static int calls = 0;
  return SipClient(by, daemon.Ready("sip"))
      .Ask(SipMessage("INVITE", "sip:" + user + "@127.0.0.1")
               .Branch("z9hG4bK" + std::to_string(++calls))
               .text());
}

class SipDoorTest : public ::testing::Test {
 protected:
  std::string Metrics() const {
    return HttpClient(daemon_.Ready("http"))
        .Ask("GET /metrics HTTP/1.0\r\n\r\n");
  }

  RunningDaemon daemon_{OpenDoor};
  ApiClient api_{daemon_.Admin()};
};

TEST_F(SipDoorTest, LeadsToTheAccountsOwnNumbers) {
  ASSERT_THAT(daemon_.started(), IsOk());
  EXPECT_THAT(daemon_.Ready("sip"), StartsWith("127.0.0.1:"));
  AddNumber(api_, "201", "sip:reception@10.0.0.5");
  AddNumber(api_, "202", "300");
  AddNumber(api_, "203", "203");
  AddNumber(api_, "204", "");
  EXPECT_EQ(SipField(Dial(daemon_, "201"), "Contact"),
            "<sip:reception@10.0.0.5>");
  EXPECT_EQ(SipField(Dial(daemon_, "202", By::kTcp), "Contact"),
            "<sip:300@127.0.0.1>");
  for (const char* number : {"203", "204", "205", "112", "x", "007", "+201"}) {
    EXPECT_EQ(SipStatus(Dial(daemon_, number)), 404) << number;
  }
}

TEST_F(SipDoorTest, WhoMayAskIsReadAgain) {
  ASSERT_THAT(daemon_.started(), IsOk());
  AddNumber(api_, "201", "sip:reception@10.0.0.5");
  const SipClient old(By::kUdp, daemon_.Ready("sip"));
  EXPECT_EQ(SipStatus(old.Ask(SipMessage().Branch("z9hG4bK0").text())), 302);
  daemon_.Reload([](Config& config) {
    config.sip_allow = {*AddressRange::Parse("127.0.0.2")};
  });
  const SipClient other(By::kUdp, daemon_.Ready("sip"), "127.0.0.1",
                        "127.0.0.2");
  EXPECT_EQ(
      SipStatus(other.AskAgainAndAgain(SipMessage().Branch("z9hG4bK1").text())),
      302);
  ASSERT_TRUE(old.Send(SipMessage().Branch("z9hG4bK2").text()));
  EXPECT_EQ(SipStatus(other.Ask(SipMessage().Branch("z9hG4bK3").text())), 302);
  EXPECT_THAT(Metrics(), HasSubstr("{result=\"local\"} 3\n"));
}

TEST_F(SipDoorTest, ADoorThatTheSettingsCloseStaysAsItWas) {
  ASSERT_THAT(daemon_.started(), IsOk());
  daemon_.Reload([](Config& config) {
    config.sip_listen = "";
    config.sip_allow = {};
  });
  Metrics();  // The loop has read the settings before it serves this.
  EXPECT_EQ(SipStatus(Dial(daemon_, "205")), 404);
}

TEST_F(SipDoorTest, IsCounted) {
  ASSERT_THAT(daemon_.started(), IsOk());
  EXPECT_EQ(SipStatus(Dial(daemon_, "205")), 404);
  EXPECT_THAT(Metrics(),
              HasSubstr("interlink_sip_requests_total{result=\"not_found"
                        "\"} 1\n"));
}

// Two accounts that are linked, and the PBX of each at its door.
class TwoSipDoorsTest : public ::testing::Test {
 protected:
  TwoSipDoorsTest() {
    EXPECT_THAT(mike_.started(), IsOk());
    EXPECT_THAT(john_.started(), IsOk());
    AddNumber(johns_, "201", "300");
    const auto generated = johns_.GenerateKey("Mike");
    johns_row_ = generated.interlink().id();
    v1::LinkAccountRequest link;
    link.set_name("John");
    link.set_key(generated.key());
    grpc::ClientContext linking;
    SetPatience(linking);
    v1::LinkAccountResponse linked;
    EXPECT_TRUE(mikes_.interlinks->LinkAccount(&linking, link, &linked).ok());
  }

  RunningDaemon mike_{OpenDoor};
  RunningDaemon john_{[](Config& config) {
    OpenDoor(config);
    config.contact = "sip:{number}@127.0.0.12:5080";
  }};
  ApiClient mikes_{mike_.Admin()};
  ApiClient johns_{john_.Admin()};
  std::string johns_row_;
};

TEST_F(TwoSipDoorsTest, ACallGoesByTokenUntilTheLinkIsDeleted) {
  std::string contact;
  ASSERT_TRUE(Eventually([&] {
    contact = SipField(Dial(mike_, "201"), "Contact");
    return !contact.empty();
  }));
  EXPECT_THAT(contact, StartsWith("<sip:il-201-"));
  EXPECT_THAT(contact, HasSubstr("@127.0.0.12:5080>;expires="));
  const std::string token = contact.substr(5, contact.find('@') - 5);
  const std::string admitted = Dial(john_, token);
  EXPECT_EQ(SipField(admitted, "Contact"), "<sip:300@127.0.0.1>") << admitted;
  // So that the PBX need not spend another admission on the name.
  EXPECT_EQ(SipField(admitted, "X-Interlink-Name"), "Mike");
  EXPECT_EQ(SipField(admitted, "X-Interlink-Number"), "201");

  ASSERT_TRUE(johns_.Delete(johns_row_).ok());
  const std::string refused = Dial(john_, token);
  EXPECT_EQ(SipStatus(refused), 403);
  EXPECT_THAT(SipField(refused, "Reason"), HasSubstr("CALL_TOKEN_INVALID"));
}

TEST_F(TwoSipDoorsTest, NoCallIsLedToTheDoorThatWasAsked) {
  const auto answers = [&](int status) {
    return Eventually([&] { return SipStatus(Dial(mike_, "201")) == status; });
  };
  const auto lead_to = [&](const std::string& place) {
    john_.Reload(
        [&](Config& config) { config.contact = "sip:{number}@" + place; });
  };
  ASSERT_TRUE(answers(302));
  lead_to(mike_.Ready("sip"));
  EXPECT_TRUE(answers(404));
  // Whatever the settings say, the door stands where it is.
  mike_.Reload([](Config& config) { config.sip_listen = "127.0.0.1:1"; });
  lead_to("127.0.0.12:5080");
  EXPECT_TRUE(answers(302));
  lead_to(mike_.Ready("sip"));
  EXPECT_TRUE(answers(404));
}

TEST(SipDoorlessTest, ThereIsNoDoorUnlessOneIsAskedFor) {
  const RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_THAT(daemon.Ready("sip"), IsEmpty());
  EXPECT_THAT(HttpClient(daemon.Ready("http"))
                  .Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
                       "Connection: close\r\n\r\n"),
              Not(HasSubstr("interlink_sip")));
}

}  // namespace
}  // namespace interlink::daemon
