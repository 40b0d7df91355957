#include "daemon/doctor/link_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/doctor/door_findings.h"
#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using federation::Refusal;
using federation::Row;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

const federation::WallTime kNow(std::chrono::seconds(1'800'000'000));

// "check outcome", one for each finding.
std::vector<std::string> InShort(const Findings& findings) {
  std::vector<std::string> words;
  for (const v1::Finding& finding : findings.all()) {
    std::string outcome = v1::FindingOutcome_Name(finding.outcome());
    words.push_back(finding.check() + " " +
                    outcome.substr(std::string("FINDING_OUTCOME_").size()));
  }
  return words;
}

std::string MessageOf(const Findings& findings, const std::string& check) {
  for (const v1::Finding& finding : findings.all()) {
    if (finding.check() == check) return finding.message();
  }
  return "";
}

Row Connected() {
  Row row;
  row.record.set_state(store::v1::ROW_STATE_ESTABLISHED);
  row.health = federation::api::INTERLINK_HEALTH_CONNECTED;
  return row;
}

Findings Judged(const Row& row, std::optional<int64_t> peer_clock = {},
                federation::Duration uptime = 1h) {
  Findings findings;
  JudgeRow(row, {.now = kNow, .uptime = uptime, .peer_clock = peer_clock},
           findings);
  return findings;
}

// A way on which all is well.
WayTrial::Outcome Way(const std::string& address = "mike.test:7443") {
  const boost::asio::ip::tcp::endpoint endpoint(
      boost::asio::ip::make_address("192.0.2.1"), 7443);
  return {.address = address,
          .endpoints = {endpoint},
          .connected = endpoint,
          .dead_ends = {},
          .status = absl::OkStatus(),
          .from_peer = true};
}

WayTrial::DeadEnd DeadEnd(const std::string& address, const std::string& why) {
  return {.endpoint = {boost::asio::ip::make_address(address), 7443},
          .why = why};
}

Row Unreachable() {
  Row row = Connected();
  row.health = federation::api::INTERLINK_HEALTH_UNREACHABLE;
  return row;
}

Findings Judged(const std::vector<WayTrial::Outcome>& ways,
                const Row& row = Unreachable()) {
  Findings findings;
  JudgeWays(row, ways, findings);
  return findings;
}

TEST(JudgeRowTest, ALinkThatIsWellHasOneLineForEachThing) {
  EXPECT_THAT(
      InShort(Judged(Connected(), 1'800'000'001)),
      ElementsAre("state OK", "session OK", "clocks OK", "admission OK"));
}

// Its peer answers, but no call can be made, or somebody else answers as well.
TEST(JudgeRowTest, AConnectedLinkWithATroubleSaysWhichCheckItIsOf) {
  Row row = Connected();
  row.last_error = "its contact leads elsewhere";
  row.last_error_reason = "CONTACT_INVALID";
  EXPECT_THAT(InShort(Judged(row, 1'800'000'001)),
              ElementsAre("state OK", "session OK", "clocks OK",
                          "contact FAULT", "admission OK"));
  EXPECT_EQ(MessageOf(Judged(row), "contact"), row.last_error);
  row.last_error = "two daemons run";
  row.last_error_reason = "PEER_IDENTITY_MISMATCH";
  EXPECT_THAT(
      InShort(Judged(row, 1'800'000'001)),
      ElementsAre("state OK", "session WARNING", "clocks OK", "admission OK"));
  EXPECT_EQ(MessageOf(Judged(row), "session"),
            "somebody answers, but two daemons run");
  row.last_error_reason = "LIMIT_REACHED";
  EXPECT_THAT(
      InShort(Judged(row, 1'800'000'001)),
      ElementsAre("state OK", "session OK", "clocks OK", "admission WARNING"));
}

TEST(JudgeRowTest, FindingsNameTheirLink) {
  Findings findings("abc", "Mike");
  JudgeRow(Connected(), {.now = kNow, .uptime = 1h}, findings);
  EXPECT_EQ(findings.all().front().interlink_id(), "abc");
  EXPECT_EQ(findings.all().front().interlink_name(), "Mike");
}

TEST(JudgeRowTest, AStateThatIsNotEstablishedSaysWhatIsNext) {
  Row row;
  row.record.set_state(store::v1::ROW_STATE_PENDING);
  EXPECT_THAT(InShort(Judged(row)), ElementsAre("state OK"));
  row.record.set_state(store::v1::ROW_STATE_LINKING);
  row.last_error = "connection refused";
  EXPECT_THAT(InShort(Judged(row)), ElementsAre("state WARNING"));
  EXPECT_THAT(MessageOf(Judged(row), "state"), HasSubstr("connection refused"));
  row.record.set_state(store::v1::ROW_STATE_FAILED);
  EXPECT_THAT(InShort(Judged(row)), ElementsAre("state FAULT"));
  EXPECT_THAT(MessageOf(Judged(row), "state"), HasSubstr("ask for a new key"));
  row.record.mutable_issued_key();
  EXPECT_THAT(InShort(Judged(row)), ElementsAre("state WARNING"));
  EXPECT_THAT(MessageOf(Judged(row), "state"), HasSubstr("generate another"));
}

TEST(JudgeRowTest, ASessionThatDoesNotStandSaysWhyAndWhoCanChangeIt) {
  Row row = Connected();
  row.health = federation::api::INTERLINK_HEALTH_UNREACHABLE;
  row.last_error = "no answer";
  EXPECT_THAT(MessageOf(Judged(row), "session"),
              StartsWith("not connected: no answer; how far the way to it "
                         "leads is examined below"));
  EXPECT_THAT(InShort(Judged(row, {}, 29s)), Contains("session WARNING"));
  EXPECT_THAT(InShort(Judged(row, {}, 30s)), Contains("session FAULT"));
  row.health = federation::api::INTERLINK_HEALTH_ORPHANED;
  EXPECT_THAT(MessageOf(Judged(row), "session"), HasSubstr("link anew"));
  row.health = federation::api::INTERLINK_HEALTH_PAUSED;
  EXPECT_THAT(MessageOf(Judged(row), "session"),
              HasSubstr("the other account's administrator"));
  row.record.set_paused(true);
  EXPECT_THAT(MessageOf(Judged(row), "session"), HasSubstr("resume"));
}

TEST(JudgeRowTest, ALinkThatReconnectsIsNotTakenForOneThatStands) {
  Row row = Connected();
  row.next_try = kNow;
  row.last_error = "connection refused";
  EXPECT_THAT(InShort(Judged(row, 1'800'000'000)),
              ElementsAre("state OK", "session WARNING", "clocks OK",
                          "admission NOT_EXAMINED"));
}

TEST(JudgeRowTest, ClocksAMinuteApartAreToldOf) {
  EXPECT_THAT(MessageOf(Judged(Connected(), 1'800'000'060), "clocks"),
              HasSubstr("60 s apart"));
  EXPECT_THAT(MessageOf(Judged(Connected(), 1'800'000'061), "clocks"),
              HasSubstr("61 s ahead of"));
  EXPECT_THAT(MessageOf(Judged(Connected(), 1'799'999'000), "clocks"),
              HasSubstr("1000 s behind"));
}

TEST(JudgeRowTest, APeerThatAsksForTokensNeedsToHaveToldItsKey) {
  Row row = Connected();
  row.record.mutable_peer()->set_asks_for_call_tokens(true);
  EXPECT_THAT(InShort(Judged(row)),
              ElementsAre("state OK", "session OK", "clocks NOT_EXAMINED",
                          "admission FAULT"));
  EXPECT_THAT(
      InShort(Judged(row, 1'800'000'000)),
      ElementsAre("state OK", "session OK", "clocks OK", "admission OK"));
  row.last_error = "its calls are not let in";
  EXPECT_EQ(MessageOf(Judged(row, 1'800'000'000), "admission"),
            "its calls are not let in");
}

TEST(JudgeWaysTest, AWayThatIsWellIsToldStepByStep) {
  EXPECT_THAT(InShort(Judged({Way()})),
              ElementsAre("dns OK", "tcp OK", "tls OK", "pin OK", "protocol OK",
                          "lookup OK"));
}

TEST(JudgeWaysTest, TheFirstStepThatFailsIsTheLast) {
  WayTrial::Outcome way = Way();
  way.endpoints.clear();
  EXPECT_THAT(InShort(Judged({way})), ElementsAre("dns FAULT"));
  way = Way();
  way.connected.reset();
  way.dead_ends = {DeadEnd("192.0.2.1", "Connection refused")};
  EXPECT_THAT(InShort(Judged({way})), ElementsAre("dns OK", "tcp FAULT"));
  EXPECT_THAT(MessageOf(Judged({way}), "tcp"),
              HasSubstr("mike.test:7443: Connection refused; see"));
  way.dead_ends.push_back(DeadEnd("2001:db8::1", "no answer"));
  EXPECT_THAT(MessageOf(Judged({way}), "tcp"),
              HasSubstr("192.0.2.1: Connection refused, 2001:db8::1: no answer"
                        "; see"));
  way = Way();
  way.from_peer = false;
  way.status = Refusal(Reason::kPeerUnreachable, "the TLS handshake failed");
  EXPECT_THAT(InShort(Judged({way})),
              ElementsAre("dns OK", "tcp OK", "tls FAULT"));
  way.status = Refusal(Reason::kPeerIdentityMismatch, "somebody else");
  EXPECT_THAT(InShort(Judged({way})),
              ElementsAre("dns OK", "tcp OK", "tls OK", "pin FAULT"));
  way.from_peer = true;
  way.status = Refusal(Reason::kProtocolVersion, "too old");
  EXPECT_THAT(InShort(Judged({way})), ElementsAre("dns OK", "tcp OK", "tls OK",
                                                  "pin OK", "protocol FAULT"));
  way.status = Refusal(Reason::kLinkUnknown, "no such link");
  EXPECT_THAT(InShort(Judged({way})),
              ElementsAre("dns OK", "tcp OK", "tls OK", "pin OK", "protocol OK",
                          "lookup FAULT"));
}

TEST(JudgeWaysTest, WhileOneAddressIsWellAnotherIsAWarning) {
  WayTrial::Outcome dead = Way("old.test:7443");
  dead.connected.reset();
  EXPECT_THAT(InShort(Judged({dead, Way()})),
              ElementsAre("dns OK", "tcp WARNING", "dns OK", "tcp OK", "tls OK",
                          "pin OK", "protocol OK", "lookup OK"));
  WayTrial::Outcome wrong = Way("old.test:7443");
  wrong.from_peer = false;
  wrong.status = Refusal(Reason::kPeerIdentityMismatch, "somebody else");
  EXPECT_THAT(InShort(Judged({Way(), wrong})), Contains("pin WARNING"));
  EXPECT_THAT(Judged(std::vector<WayTrial::Outcome>()).all(), IsEmpty());
}

// Whichever of the two is the living one.
TEST(JudgeWaysTest, ADeadAddressBesideALivingOneIsToldOf) {
  for (const char* dead : {"2001:db8::1", "192.0.2.2"}) {
    WayTrial::Outcome way = Way();
    way.dead_ends = {DeadEnd(dead, "Connection refused")};
    const Findings findings = Judged({way});
    EXPECT_THAT(InShort(findings),
                ElementsAre("dns OK", "tcp OK", "tcp WARNING", "tls OK",
                            "pin OK", "protocol OK", "lookup OK"));
    EXPECT_THAT(findings.all()[2].message(),
                HasSubstr("mike.test:7443 is also " + std::string(dead) +
                          " (Connection refused)"));
  }
}

TEST(JudgeWaysTest, AnAddressBeyondThisMachinesNetworkMayBeWell) {
  WayTrial::Outcome way = Way();
  way.dead_ends = {DeadEnd("2001:db8::1", "Network is unreachable")};
  way.dead_ends[0].is_beyond_network = true;
  EXPECT_THAT(InShort(Judged({way})),
              ElementsAre("dns OK", "tcp OK", "tls OK", "pin OK", "protocol OK",
                          "lookup OK"));
}

// An office behind a router dials, and cannot be dialled.
TEST(JudgeWaysTest, WhatThePeerHasConnectedNeedsNoWay) {
  WayTrial::Outcome dead = Way();
  dead.connected.reset();
  EXPECT_THAT(InShort(Judged({dead}, Connected())),
              ElementsAre("dns OK", "tcp WARNING", "way OK"));
  Row paused = Connected();
  paused.health = federation::api::INTERLINK_HEALTH_PAUSED;
  EXPECT_THAT(InShort(Judged({dead}, paused)),
              ElementsAre("dns OK", "tcp WARNING"));
}

TEST(JudgeWaysTest, AnIssuerThatWaitsForTheKeyIsWell) {
  Row row;
  row.record.set_state(store::v1::ROW_STATE_LINKING);
  WayTrial::Outcome way = Way();
  way.status = Refusal(Reason::kLinkUnknown, "no such link");
  EXPECT_THAT(InShort(Judged({way}, row)), Contains("lookup OK"));
}

TEST(JudgeWaysTest, ADnsThatDoesNotAnswerIsAFault) {
  WayTrial::Outcome way = Way();
  way.endpoints.clear();
  way.is_name_late = true;
  EXPECT_THAT(InShort(Judged({way})), ElementsAre("dns FAULT"));
  EXPECT_THAT(MessageOf(Judged({way}), "dns"), HasSubstr("does not answer"));
}

TEST(JudgeWaysTest, ANameThatCannotBeLookedUpIsNotSaidToBeUnknown) {
  WayTrial::Outcome way = Way();
  way.endpoints.clear();
  way.name_trouble = "Temporary failure in name resolution";
  EXPECT_THAT(InShort(Judged({way})), ElementsAre("dns FAULT"));
  EXPECT_THAT(MessageOf(Judged({way}), "dns"),
              HasSubstr("cannot be looked up now: Temporary failure"));
}

TEST(JudgeOwnAddressTest, ANameThatCannotBeLookedUpIsNotSaidToBeWrong) {
  WayTrial::Outcome way = Way();
  way.endpoints.clear();
  for (const bool is_late : {true, false}) {
    way.is_name_late = is_late;
    way.name_trouble = is_late ? "" : "Temporary failure in name resolution";
    Findings findings;
    JudgeOwnAddress(way, "0.0.0.0:7443", findings);
    EXPECT_THAT(InShort(findings), ElementsAre("listener WARNING"));
    EXPECT_THAT(
        MessageOf(findings, "listener"),
        AllOf(HasSubstr(is_late ? "no answer within 5 s" : "Temporary failure"),
              Not(HasSubstr("--advertise"))));
  }
}

TEST(JudgeContactTest, OnlyAHostThatIsUnknownForCertainIsToBeCorrected) {
  const auto judged = [](const HostLookup::Found& found) {
    Findings findings;
    JudgeContact("sip:{number}@pbx.example", found, findings);
    return InShort(findings).front() + ": " + MessageOf(findings, "contact");
  };
  EXPECT_THAT(judged(Way().endpoints), StartsWith("contact OK"));
  EXPECT_THAT(judged(absl::NotFoundError("")),
              AllOf(StartsWith("contact WARNING"), HasSubstr("--contact")));
  EXPECT_THAT(judged(absl::UnavailableError("Temporary failure")),
              AllOf(StartsWith("contact NOT_EXAMINED"),
                    HasSubstr("now: Temporary failure; see"),
                    Not(HasSubstr("--contact"))));
}

TEST(JudgeDoorTest, ADoorThatTurnsCallsAwayIsAFault) {
  const auto judged = [](const std::string& line) {
    Findings findings;
    JudgeDoor("sip", "127.0.0.1:5070", line, findings);
    return InShort(findings).front();
  };
  EXPECT_EQ(judged("SIP/2.0 200 OK"), "sip OK");
  EXPECT_EQ(judged("HTTP/1.1 404 Not Found"), "sip OK");
  EXPECT_EQ(judged("SIP/2.0 503 Service Unavailable"), "sip FAULT");
  Findings findings;
  JudgeDoor("sip", "127.0.0.1:5070", "SIP/2.0 503 No", findings);
  EXPECT_THAT(MessageOf(findings, "sip"), HasSubstr("No; see whether"));
  EXPECT_EQ(judged(""), "sip WARNING");
}

TEST(JudgeOwnAddressTest, SaysWhoAnswersThere) {
  const auto judged = [](const WayTrial::Outcome& way) {
    Findings findings;
    JudgeOwnAddress(way, "0.0.0.0:7443", findings);
    return InShort(findings).front();
  };
  WayTrial::Outcome way = Way();
  // It knows of no link with itself.
  way.status = Refusal(Reason::kLinkUnknown, "no such link");
  EXPECT_EQ(judged(way), "listener OK");
  way.dead_ends = {DeadEnd("2001:db8::1", "Connection refused")};
  EXPECT_EQ(judged(way), "listener WARNING");
  way.dead_ends[0].is_beyond_network = true;
  EXPECT_EQ(judged(way), "listener OK");
  way.from_peer = false;
  way.status = Refusal(Reason::kPeerIdentityMismatch, "somebody else");
  EXPECT_EQ(judged(way), "listener FAULT");
  way.status = Refusal(Reason::kPeerUnreachable, "no answer");
  EXPECT_EQ(judged(way), "listener WARNING");
  way.connected.reset();
  EXPECT_EQ(judged(way), "listener WARNING");
  // No router is to blame.
  way.endpoints[0].address(boost::asio::ip::address_v4::loopback());
  EXPECT_EQ(judged(way), "listener FAULT");
  way.endpoints.clear();
  EXPECT_EQ(judged(way), "listener FAULT");
}

}  // namespace
}  // namespace interlink::daemon
