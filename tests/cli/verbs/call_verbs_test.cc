// The verbs about where calls go: resolve --explain, authorize, conflicts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/rpc/error.pb.h"
#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr const char* kJohn = "aaaaaaaa11111111aaaaaaaa11111111";
constexpr const char* kTim = "aaaaaaaa22222222aaaaaaaa22222222";
constexpr const char* kZoe = "bbbbbbbb33333333bbbbbbbb33333333";
constexpr const char* kToken =
    "sip:il-201-b3mvbbdje5acaaicamcaa4boj2lxaoyyy2bof5i@pbx.example";

class CallVerbsTest : public ::testing::Test {
 protected:
  CallVerbsTest() {
    AddLink("John Smith", kJohn, 3).set_priority(10);
    AddLink("Tim", kTim, 2);
    AddLink("Zoe", kZoe, 1);
    daemon_.resolution.set_source(v1::RESOLUTION_SOURCE_PEER);
    daemon_.resolution.set_complete(true);
  }

  v1::Interlink& AddLink(const std::string& name, const std::string& id,
                         int64_t days) {
    v1::Interlink& row = daemon_.AddRow(
        name, id, v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_GREEN);
    row.set_health(v1::INTERLINK_HEALTH_CONNECTED);
    row.mutable_establish_time()->set_seconds(Ctl::kNow - days * 86'400);
    return row;
  }
  void AddRoute(const std::string& name, const std::string& id,
                const std::string& uri) {
    v1::Route& route = *daemon_.resolution.add_routes();
    route.set_uri(uri);
    route.set_number("201");
    route.set_interlink_id(id);
    route.set_interlink_name(name);
  }
  v1::ReachableNumber& AddReachable(const std::string& number,
                                    const std::string& name,
                                    const std::string& id) {
    v1::ReachableNumber& reachable = daemon_.reachable.emplace_back();
    reachable.set_number(number);
    reachable.set_interlink_id(id);
    reachable.set_interlink_name(name);
    return reachable;
  }

  // The daemon's errors are this one, with one entry for programs.
  void Refuse(grpc::StatusCode code, const std::string& reason,
              const std::string& key, const std::string& value) {
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    info.set_domain("interlink");
    (*info.mutable_metadata())[key] = value;
    google::rpc::Status details;
    details.add_details()->PackFrom(info);
    daemon_.refusal =
        grpc::Status(code, reason + ": so", details.SerializeAsString());
  }

  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

TEST_F(CallVerbsTest, ExplainShowsWhoWasConsideredAndWhyOneComesFirst) {
  AddRoute("John Smith", kJohn, kToken);
  AddRoute("Tim", kTim, "sip:201@tim.example");
  daemon_.resolution.add_unanswered_interlink_ids(kZoe);
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(
      ctl_.out,
      AllOf(HasSubstr("John Smith  10        3 days ago  has it, first\n"),
            HasSubstr("Tim         100       2 days ago  has it, after John "
                      "Smith\n"),
            HasSubstr("Zoe         100       1 day ago   not waited for: "
                      "another one has it\n"),
            HasSubstr("the lowest priority comes first"),
            HasSubstr(std::string("The PBX is told ") + kToken + "\n"),
            HasSubstr("Its user part is a call token")));
}

TEST_F(CallVerbsTest, ExplainHasNoJson) {
  EXPECT_EQ(ctl_.Run({"-o", "json", "resolve", "201", "--explain"}),
            ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("--explain says it in words"));
  EXPECT_EQ(ctl_.out, "");
}

TEST_F(CallVerbsTest, WithoutExplainNobodyIsToldOfTheOthers) {
  AddRoute("John Smith", kJohn, "sip:201@john.example");
  EXPECT_EQ(ctl_.Run({"resolve", "201"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, Not(HasSubstr("Tim")));
}

TEST_F(CallVerbsTest, ExplainSaysOfALinkThatIsNotAskedWhyNot) {
  daemon_.rows[0].set_health(v1::INTERLINK_HEALTH_PAUSED);
  daemon_.rows[1].set_state(v1::INTERLINK_STATE_LINKING);
  daemon_.rows[2].set_health(v1::INTERLINK_HEALTH_ORPHANED);
  daemon_.refusal =
      grpc::Status(grpc::StatusCode::NOT_FOUND, "NUMBER_NOT_FOUND: nobody");
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kNotFound);
  EXPECT_THAT(
      ctl_.out,
      AllOf(HasSubstr("paused, so not asked\n"),
            HasSubstr("not linked, so not asked\n"),
            HasSubstr("forgotten by the other account"),
            HasSubstr("The PBX is told that there is no route: 404.\n")));
  EXPECT_THAT(ctl_.err, HasSubstr("NUMBER_NOT_FOUND"));
}

TEST_F(CallVerbsTest, ExplainSaysOfASilentLinkThatItCannotBeReached) {
  daemon_.rows[2].set_health(v1::INTERLINK_HEALTH_UNREACHABLE);
  Refuse(grpc::StatusCode::UNAVAILABLE, "LOOKUP_INCOMPLETE",
         "unanswered_interlink_ids", std::string(kTim) + "," + kZoe);
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kUnreachable);
  EXPECT_THAT(
      ctl_.out,
      AllOf(HasSubstr("John Smith  10        3 days ago  does not share it\n"),
            HasSubstr("Tim         100       2 days ago  no answer\n"),
            HasSubstr("Zoe         100       1 day ago   cannot be reached\n"),
            HasSubstr("told to try again: 503 by HTTP, 480 by SIP.\n")));
}

TEST_F(CallVerbsTest, ExplainSaysWhichLinksWereAskedInVain) {
  AddRoute("John Smith", kJohn, "sip:201@john.example");
  daemon_.resolution.add_unanswered_interlink_ids(kTim);
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain", "--bypass-mirror"}),
            ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("2 days ago  no answer\n"));
  daemon_.resolution.set_stale(true);
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("2 days ago  no answer\n"));
}

// The daemon names so many of them and no more.
TEST_F(CallVerbsTest, ExplainClaimsNothingOfLinksThatMayHaveBeenLeftOut) {
  AddRoute("John Smith", kJohn, "sip:201@john.example");
  for (int i = 1; i < 100; ++i) {
    daemon_.resolution.add_unanswered_interlink_ids(std::to_string(i));
  }
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("2 days ago  does not share it\n"));
  daemon_.resolution.add_unanswered_interlink_ids("100");
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("2 days ago  not known\n"));
  daemon_.resolution.clear_unanswered_interlink_ids();
  for (int i = 0; i < 20; ++i) {
    daemon_.resolution.add_refused_interlink_ids(std::to_string(i));
  }
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("2 days ago  not known\n"));
}

TEST_F(CallVerbsTest, ExplainTellsARefusedContactFromANumberThatIsNotShared) {
  Refuse(grpc::StatusCode::NOT_FOUND, "NUMBER_NOT_FOUND",
         "refused_interlink_ids", kTim);
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kNotFound);
  EXPECT_THAT(ctl_.out,
              AllOf(HasSubstr("2 days ago  has it, but its contact is refused "
                              "here\n"),
                    HasSubstr("1 day ago   does not share it\n")));
  daemon_.refusal = grpc::Status::OK;
  AddRoute("John Smith", kJohn, "sip:201@john.example");
  daemon_.resolution.add_refused_interlink_ids(kTim);
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("its contact is refused here\n"));
}

TEST_F(CallVerbsTest, ExplainNamesThePrefixThatLeavesOutTheOthers) {
  daemon_.rows[1].set_dial_prefix("8");
  AddRoute("Tim", kTim, "sip:201@tim.example");
  EXPECT_EQ(ctl_.Run({"resolve", "8201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out,
              AllOf(HasSubstr("not asked: the prefix 8 leads to Tim alone\n"),
                    HasSubstr("has it, first\n"),
                    HasSubstr("8201 is the prefix 8 of Tim, which alone is "
                              "asked, and its number 201.\n")));
  // The longest of several.
  daemon_.rows[0].set_dial_prefix("82");
  EXPECT_EQ(ctl_.Run({"resolve", "8201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("8201 is the prefix 82 of John Smith"));
}

TEST_F(CallVerbsTest, ExplainOfAnOwnNumberSaysThatItComesFirst) {
  daemon_.resolution.set_source(v1::RESOLUTION_SOURCE_LOCAL);
  daemon_.resolution.add_routes()->set_uri("sip:desk@10.0.0.1");
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out,
              AllOf(HasSubstr("not asked: this account has the number\n"),
                    HasSubstr("The PBX is told sip:desk@10.0.0.1.\n"),
                    Not(HasSubstr("404"))));
  daemon_.resolution.mutable_routes(0)->set_uri("201");
  daemon_.resolution.mutable_routes(0)->set_number("201");
  EXPECT_EQ(ctl_.Run({"resolve", "201", "--explain"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out,
              HasSubstr("The PBX is told 201.\nBy SIP it is told 404"));
}

TEST_F(CallVerbsTest, ExplainOfANeverRemoteNumberSaysThatNobodyIsAsked) {
  Refuse(grpc::StatusCode::NOT_FOUND, "NUMBER_NOT_FOUND", "never_remote",
         "112");
  EXPECT_EQ(ctl_.Run({"resolve", "112", "--explain"}), ExitCode::kNotFound);
  EXPECT_THAT(ctl_.out,
              AllOf(HasSubstr("not asked: the number is never-remote\n"),
                    Not(HasSubstr("does not share it"))));
}

TEST_F(CallVerbsTest, WhatIsNoNumberIsNotExplained) {
  daemon_.refusal =
      grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "NUMBER_INVALID: no");
  EXPECT_EQ(ctl_.Run({"resolve", "x", "--explain"}), ExitCode::kRefused);
  EXPECT_EQ(ctl_.out, "");
}

TEST_F(CallVerbsTest, APrefixIsSetAndShown) {
  const auto& request = daemon_.update_request;
  EXPECT_EQ(ctl_.Run({"prefix", "John Smith", "8"}), ExitCode::kDone);
  EXPECT_EQ(request.interlink().dial_prefix(), "8");
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("dial_prefix"));
  EXPECT_THAT(ctl_.out, HasSubstr("connected; prefix 8: 8201 is its 201\n"));
  EXPECT_EQ(ctl_.Run({"prefix", "John Smith", "none"}), ExitCode::kDone);
  EXPECT_EQ(request.interlink().dial_prefix(), "");
  EXPECT_THAT(ctl_.out, HasSubstr("connected; no prefix\n"));
}

TEST_F(CallVerbsTest, APrefixWarnsOfOwnNumbersThatBeginWithIt) {
  for (const char* digits : {"8", "8301", "201"}) {
    v1::Number& number = daemon_.numbers.emplace_back();
    number.set_number(digits);
    number.set_name("Desk 8");
  }
  EXPECT_EQ(ctl_.Run({"prefix", "John Smith", "8"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.err,
            "warning: own numbers that begin with 8 come first: 8301.\n");
  EXPECT_EQ(ctl_.Run({"prefix", "John Smith", "9"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.err, "");
}

TEST_F(CallVerbsTest, APrefixWarnsOfOneThatItBeginsWith) {
  daemon_.rows[0].set_dial_prefix("82");
  daemon_.rows[1].set_dial_prefix("8");
  daemon_.rows[2].set_dial_prefix("7");
  EXPECT_EQ(ctl_.Run({"prefix", "John Smith", "82"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.err,
            "warning: what begins with 82 is asked of John Smith alone, "
            "although Tim has the prefix 8: the longest prefix counts.\n");
  EXPECT_EQ(ctl_.Run({"prefix", "Tim", "8"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.err,
              HasSubstr("what begins with 82 is asked of John Smith"));
}

TEST_F(CallVerbsTest, AuthorizeShowsWhereTheCallGoes) {
  daemon_.admission.set_destination("sip:desk@10.0.0.1");
  daemon_.admission.set_number("201");
  daemon_.admission.set_display_name("Reception\x1b[2J");
  daemon_.admission.set_interlink_id(kJohn);
  daemon_.admission.set_interlink_name("John Smith");
  EXPECT_EQ(ctl_.Run({"authorize", "il-201-x", "--from", "101"}),
            ExitCode::kDone);
  EXPECT_EQ(daemon_.authorize_request.dialled(), "il-201-x");
  EXPECT_EQ(daemon_.authorize_request.calling_number(), "101");
  EXPECT_EQ(ctl_.out, "sip:desk@10.0.0.1  201 Reception[2J  from John Smith\n");
  EXPECT_EQ(ctl_.Run({"authorize", "il-201-x", "-o", "json"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("\"destination\":\"sip:desk@10.0.0.1\""));
}

TEST_F(CallVerbsTest, AuthorizeOfAPlainNumberNamesNobody) {
  daemon_.admission.set_destination("sip:desk@10.0.0.1");
  daemon_.admission.set_number("201");
  EXPECT_EQ(ctl_.Run({"authorize", "201"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("from whoever dials it"));
}

TEST_F(CallVerbsTest, ACallThatIsNotLetInIsRefused) {
  daemon_.refusal = grpc::Status(grpc::StatusCode::PERMISSION_DENIED,
                                 "CALL_TOKEN_INVALID: no token");
  EXPECT_EQ(ctl_.Run({"authorize", "201"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("CALL_TOKEN_INVALID: no token"));
}

TEST_F(CallVerbsTest, ConflictsShowsWhatIsSharedOrHiddenAndHowToDialIt) {
  AddReachable("100", "Tim", kTim);
  v1::ReachableNumber& of_tim = AddReachable("201", "Tim", kTim);
  of_tim.set_prefixed_number("8201");
  of_tim.set_turn(2);
  AddReachable("201", "John Smith", kJohn).set_turn(1);
  AddReachable("201", "Zoe", kZoe).set_turn(3);
  AddReachable("301", "Zoe", kZoe).set_shadowed(true);
  EXPECT_EQ(ctl_.Run({"conflicts"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, Not(HasSubstr("100")));
  EXPECT_THAT(
      ctl_.out,
      MatchesRegex("NUMBER .*\n"
                   "201 +John Smith +201 *\n"
                   " +Tim +8201 *\n"
                   " +Zoe +nothing *\n"
                   "301 +Zoe +nothing +hidden by an own number or a prefix\n"
                   ".*interlinkctl prefix.*\n"));
}

TEST_F(CallVerbsTest, ConflictsPutsARememberedNumberAfterAFreshOne) {
  v1::ReachableNumber& remembered = AddReachable("201", "John Smith", kJohn);
  remembered.set_stale(true);
  remembered.set_turn(2);
  AddReachable("201", "Zoe", kZoe).set_turn(1);
  EXPECT_EQ(ctl_.Run({"conflicts"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, MatchesRegex("NUMBER .*\n"
                                     "201 +Zoe +201 *\n"
                                     " +John Smith +nothing +remembered\n"
                                     ".*interlinkctl prefix.*\n"));
}

TEST_F(CallVerbsTest, ANumberThatNobodyCanCallIsMarked) {
  v1::Number& number = daemon_.numbers.emplace_back();
  number.set_number("201");
  number.set_destination("sip:desk@10.0.0.1");
  number.set_contact("sip:x{number}@pbx.example");
  EXPECT_EQ(ctl_.Run({"number", "list"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, Not(HasSubstr("call")));
  number.set_unreachable(true);
  EXPECT_EQ(ctl_.Run({"number", "list"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("shared, but cannot be called"));
  EXPECT_THAT(ctl_.out, HasSubstr("which leaves no room for a call token.\n"));
}

TEST_F(CallVerbsTest, AddingANumberWithoutADestinationNamesTheNextStep) {
  EXPECT_EQ(ctl_.Run({"number", "add", "202", "--name", "Lab"}),
            ExitCode::kDone);
  EXPECT_THAT(
      ctl_.out,
      HasSubstr("202 Lab: not assigned\nNobody can call it yet: "
                "`interlinkctl number set 202 --destination EXTENSION`"));
}

TEST_F(CallVerbsTest, NumbersShowsThatACallNeedsAToken) {
  v1::ReachableNumber& number = daemon_.reachable.emplace_back();
  number.set_number("201");
  number.set_uri("sip:201@pbx.example;transport=tcp");
  EXPECT_EQ(ctl_.Run({"numbers"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("sip:201@pbx.example;transport=tcp"));
  EXPECT_THAT(ctl_.out, Not(HasSubstr("TOKEN")));
  number.set_needs_token(true);
  EXPECT_EQ(ctl_.Run({"numbers"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("sip:TOKEN@pbx.example;transport=tcp"));
  EXPECT_THAT(ctl_.out, HasSubstr("`interlinkctl resolve NUMBER` gives"));
}

TEST_F(CallVerbsTest, ARouteSaysHowLongItMayBeCalled) {
  v1::Route& route = *daemon_.resolution.add_routes();
  route.set_uri("sip:201@pbx.example");
  route.set_interlink_id(kJohn);
  route.set_interlink_name("John Smith");
  route.mutable_expire_time()->set_seconds(1);
  daemon_.resolution.set_source(v1::RESOLUTION_SOURCE_PEER);
  daemon_.resolution.set_complete(true);
  EXPECT_EQ(ctl_.Run({"resolve", "201"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("via John Smith, call before "));
}

TEST_F(CallVerbsTest, WithoutConflictsThatIsSaid) {
  AddReachable("100", "Tim", kTim);
  EXPECT_EQ(ctl_.Run({"conflicts"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "No number stands in the way of another.\n");
}

TEST_F(CallVerbsTest, ConflictsInJsonAreTheNumbersAlone) {
  AddReachable("100", "Tim", kTim);
  AddReachable("301", "Zoe", kZoe).set_shadowed(true);
  EXPECT_EQ(ctl_.Run({"conflicts", "-o", "json"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, AllOf(HasSubstr("\"number\":\"301\""),
                              Not(HasSubstr("\"number\":\"100\""))));
}

}  // namespace
}  // namespace interlink::cli
