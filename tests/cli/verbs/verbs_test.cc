#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/show/text.h"
#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kId1 = "aaaaaaaa11111111aaaaaaaa11111111";
constexpr const char* kId2 = "aaaaaaaa22222222aaaaaaaa22222222";
constexpr const char* kId3 = "bbbbbbbb33333333bbbbbbbb33333333";

class VerbsTest : public ::testing::Test {
 protected:
  VerbsTest() {
    v1::Interlink& john =
        daemon_.AddRow("John Smith", kId1, v1::INTERLINK_STATE_ESTABLISHED,
                       v1::INDICATOR_GREEN);
    john.set_health(v1::INTERLINK_HEALTH_CONNECTED);
    john.set_peer_account_name("John\x1b[2J");
    john.mutable_health_since_time()->set_seconds(Ctl::kNow - 120);
    daemon_.AddRow("Tim", kId2, v1::INTERLINK_STATE_PENDING,
                   v1::INDICATOR_GREY);
    v1::Interlink& zoe = daemon_.AddRow(
        "Zoë", kId3, v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_AMBER);
    zoe.set_health(v1::INTERLINK_HEALTH_UNREACHABLE);
    zoe.mutable_last_error()->set_reason("PEER_UNREACHABLE");
    zoe.mutable_last_error()->set_message("connection refused");
    zoe.mutable_next_try_time()->set_seconds(Ctl::kNow + 3);
    v1::Interlink& old = daemon_.removed_rows.emplace_back();
    old.set_name("Old");
    old.set_id("cccccccc44444444cccccccc44444444");
    old.set_state(v1::INTERLINK_STATE_REMOVED);
    old.set_indicator(v1::INDICATOR_RED);
  }

  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

TEST_F(VerbsTest, ListReadsLikeTheManualsPage) {
  EXPECT_EQ(ctl_.Run({"list"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("● green John Smith  John[2J"));
  EXPECT_THAT(ctl_.out, HasSubstr("connected"));
  EXPECT_THAT(ctl_.out, HasSubstr("  2 minutes ago\n"));
  EXPECT_THAT(ctl_.out,
              HasSubstr("● grey  Tim         -        waiting for its key"));
  EXPECT_THAT(ctl_.out,
              HasSubstr("● amber Zoë         -        not reachable\n"));
  EXPECT_THAT(ctl_.out, HasSubstr("\n    PEER_UNREACHABLE: connection refused; "
                                  "next try in 3 s\n"));
  EXPECT_THAT(ctl_.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ctl_.out, Not(HasSubstr("Old")));
}

TEST_F(VerbsTest, RemovedRowsAreListedWhenAskedFor) {
  EXPECT_EQ(ctl_.Run({"list", "--removed"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("● red   Old         -        removed\n"));
}

TEST_F(VerbsTest, ColoursAreForTerminalsThatWantThem) {
  ctl_.out_is_terminal = true;
  ctl_.Run({"list"});
  EXPECT_THAT(ctl_.out, HasSubstr("\x1b[32m●\x1b[0m green John Smith"));
  ctl_.environment["NO_COLOR"] = "1";
  ctl_.Run({"list"});
  EXPECT_THAT(ctl_.out, HasSubstr("● green John Smith"));
}

TEST_F(VerbsTest, TablesShowIdsWhenAskedFor) {
  daemon_.events.emplace_back().set_interlink_id(kId3);
  daemon_.reachable.emplace_back().set_interlink_id(kId1);
  const std::pair<const char*, const char*> tables[] = {
      {"list", kId2}, {"events", kId3}, {"numbers", kId1}};
  for (const auto& [verb, id] : tables) {
    EXPECT_EQ(ctl_.Run({verb}), ExitCode::kDone);
    EXPECT_THAT(ctl_.out, Not(HasSubstr(id)));
    EXPECT_EQ(ctl_.Run({verb, "-v"}), ExitCode::kDone);
    EXPECT_THAT(ctl_.out, HasSubstr(id));
  }
}

// In each state a row can be in.
TEST_F(VerbsTest, ListFitsEightyColumnsWithANameOfEightLetters) {
  daemon_.rows.clear();
  for (const auto health :
       {v1::INTERLINK_HEALTH_CONNECTED, v1::INTERLINK_HEALTH_UNREACHABLE,
        v1::INTERLINK_HEALTH_ORPHANED, v1::INTERLINK_HEALTH_PAUSED}) {
    v1::Interlink& row = daemon_.AddRow(
        "Reinhold", kId1, v1::INTERLINK_STATE_ESTABLISHED, v1::INDICATOR_AMBER);
    row.set_health(health);
    row.set_priority(1000);
    row.set_peer_account_name("Reinhold");
    row.mutable_round_trip()->set_nanos(999'000'000);
    row.mutable_health_since_time()->set_seconds(Ctl::kNow - 59 * 60);
    row.mutable_last_error()->set_reason("PEER_UNREACHABLE");
    row.mutable_last_error()->set_message(
        "connection refused at pbx.example.net:7443: no daemon listens there");
    row.mutable_next_try_time()->set_seconds(Ctl::kNow + 53 * 60);
  }
  v1::Interlink& grey = daemon_.AddRow(
      "Reinhold", kId2, v1::INTERLINK_STATE_PENDING, v1::INDICATOR_GREY);
  grey.set_peer_account_name("Reinhold");
  grey.mutable_create_time()->set_seconds(Ctl::kNow - 59 * 60);
  grey.mutable_key_expire_time()->set_seconds(Ctl::kNow + 59 * 60);
  ctl_.Run({"list"});
  std::istringstream lines(ctl_.out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(Width(line), 80U) << line;
  }
  EXPECT_THAT(ctl_.out, HasSubstr("waiting, key expires in 59 minutes"));
}

TEST_F(VerbsTest, JsonHasEveryFieldUnderItsNameInTheProto) {
  EXPECT_EQ(ctl_.Run({"list", "-o", "json"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("\"paused\":false"));
  EXPECT_THAT(ctl_.out, HasSubstr("\"last_error\":null,\"health_since_time\":"
                                  "\"2027-01-15T07:58:00Z\",\"next_try_time\":"
                                  "null"));
  EXPECT_THAT(ctl_.out, HasSubstr("\"last_error\":{\"reason\":\"PEER_UNRE"));
  EXPECT_THAT(ctl_.out, HasSubstr("\"peer_account_id\":\"\""));
  EXPECT_THAT(ctl_.out, HasSubstr("\"next_page_token\":\"\""));
  daemon_.rows.clear();
  ctl_.Run({"list", "-o", "json"});
  EXPECT_EQ(ctl_.out, "{\"interlinks\":[],\"next_page_token\":\"\"}\n");
  ctl_.Run({"status", "-o", "json"});
  EXPECT_THAT(ctl_.out, HasSubstr("\"number_count\":\"0\""));
}

TEST_F(VerbsTest, ShowTellsAllThatIsKnownOfARow) {
  EXPECT_EQ(ctl_.Run({"show", "John Smith"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("● green John Smith: connected\n"));
  EXPECT_THAT(ctl_.out, HasSubstr(kId1));
  EXPECT_THAT(ctl_.out, HasSubstr(", 2 minutes ago\n"));
  EXPECT_EQ(ctl_.Run({"show", "Zoë"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("PEER_UNREACHABLE: connection refused"));
  EXPECT_EQ(ctl_.Run({"show", "John Smith", "-o", "json"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("{\"interlink\":{\"id\":\"aaaaaaaa1"));
  EXPECT_EQ(ctl_.Run({"show", "Nobody"}), ExitCode::kNotFound);
}

TEST_F(VerbsTest, ALinkIsDeletedAtATerminalOnlyIfTheAnswerIsYes) {
  ctl_.in_is_terminal = true;
  for (const std::string answer : {"", "n\n", "\n", "what\n"}) {
    ctl_.input = answer;
    EXPECT_EQ(ctl_.Run({"delete", "John Smith"}), ExitCode::kRefused);
    EXPECT_EQ(daemon_.deleted_id, "") << answer;
    EXPECT_THAT(ctl_.err, HasSubstr("Delete John Smith, linked with John"));
    EXPECT_THAT(ctl_.err, HasSubstr("nothing was deleted"));
  }
  ctl_.input = "Yes\n";
  EXPECT_EQ(ctl_.Run({"delete", "John Smith"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.deleted_id, kId1);
  daemon_.deleted_id.clear();
  ctl_.input = "";
  EXPECT_EQ(ctl_.Run({"delete", "John Smith", "--yes"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.deleted_id, kId1);
  // A key that nobody has entered is not worth a question.
  EXPECT_EQ(ctl_.Run({"delete", "Tim"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.deleted_id, kId2);
}

TEST_F(VerbsTest, ListMergesThePagesIntoOneJsonObject) {
  EXPECT_EQ(ctl_.Run({"list", "--removed", "-o", "json"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("{\"interlinks\":[{\"id\":\"aaaaaaaa1"));
  EXPECT_THAT(ctl_.out, HasSubstr("\"name\":\"Old\""));
  EXPECT_THAT(ctl_.out, HasSubstr("\"INTERLINK_HEALTH_CONNECTED\""));
  EXPECT_THAT(ctl_.out, HasSubstr("\"next_page_token\":\"\""));
  EXPECT_EQ(std::count(ctl_.out.begin(), ctl_.out.end(), '\n'), 1);
}

TEST_F(VerbsTest, ARowIsFoundByItsNameItsIdOrTheBeginningOfItsId) {
  for (const std::string name : {"Zoë", kId3, "BBBBBBBB", "bbbbbbbb33"}) {
    daemon_.deleted_id.clear();
    EXPECT_EQ(ctl_.Run({"delete", name}), ExitCode::kDone) << ctl_.err;
    EXPECT_EQ(daemon_.deleted_id, kId3);
  }
  EXPECT_EQ(ctl_.Run({"delete", "aaaaaaaa"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("ID_AMBIGUOUS"));
  EXPECT_EQ(ctl_.Run({"delete", "bbbbbbb"}), ExitCode::kNotFound);
}

// As names are unique: nobody can have both.
TEST_F(VerbsTest, ARowIsFoundWhateverTheCaseOfItsName) {
  for (const std::string name : {"john SMITH", " John  smith "}) {
    daemon_.deleted_id.clear();
    EXPECT_EQ(ctl_.Run({"delete", name}), ExitCode::kDone) << ctl_.err;
    EXPECT_EQ(daemon_.deleted_id, kId1);
  }
}

TEST_F(VerbsTest, ANameThatOnlyRemovedRowsHaveIsNotFound) {
  EXPECT_EQ(ctl_.Run({"delete", "Old"}), ExitCode::kNotFound);
  EXPECT_EQ(daemon_.deleted_id, "");
  EXPECT_THAT(ctl_.err, HasSubstr("LINK_NOT_FOUND"));
  // By its id it is: a deletion may be repeated.
  EXPECT_EQ(ctl_.Run({"delete", "cccccccc44444444cccccccc44444444"}),
            ExitCode::kDone);
}

TEST_F(VerbsTest, GenerateKeyPrintsTheKeyAloneForScripts) {
  EXPECT_EQ(ctl_.Run({"generate-key", "Ann", "--expires", "12h"}),
            ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "ilk1_secret\n");
  EXPECT_EQ(daemon_.generate_key_request.expires_in().seconds(), 12 * 3600);
  ctl_.Run({"generate-key", "Ann", "--expires", "never"});
  EXPECT_TRUE(daemon_.generate_key_request.has_expires_in());
  EXPECT_EQ(daemon_.generate_key_request.expires_in().seconds(), 0);
  ctl_.Run({"generate-key", "Ann"});
  EXPECT_FALSE(daemon_.generate_key_request.has_expires_in());
}

TEST_F(VerbsTest, GenerateKeyExplainsTheKeyOnATerminal) {
  ctl_.out_is_terminal = true;
  EXPECT_EQ(ctl_.Run({"generate-key", "Ann"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("┌─ Authorization key"));
  EXPECT_THAT(ctl_.out, HasSubstr("\n\nilk1_secret\n"));
}

TEST_F(VerbsTest, ShowKeyGivesTheKeyOfTheNamedRow) {
  EXPECT_EQ(ctl_.Run({"show-key", "Tim"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "ilk1_secret\n");
  EXPECT_EQ(daemon_.shown_id, kId2);
}

TEST_F(VerbsTest, WarningsOfAKeyAreShownBesideIt) {
  daemon_.warnings = {"this key leads\x1b[2J nowhere: set --advertise"};
  for (const std::string verb : {"generate-key", "show-key"}) {
    EXPECT_EQ(ctl_.Run({verb, "Tim"}), ExitCode::kDone);
    EXPECT_EQ(ctl_.out, "ilk1_secret\n");
    EXPECT_EQ(ctl_.err,
              "warning: this key leads[2J nowhere: set --advertise.\n");
  }
}

TEST_F(VerbsTest, ChangesOfARowSendOnlyTheFieldThatChanges) {
  const auto& request = daemon_.update_request;
  EXPECT_EQ(ctl_.Run({"rename", "Tim", "Tim Andrews"}), ExitCode::kDone);
  EXPECT_EQ(request.interlink().id(), kId2);
  EXPECT_EQ(request.interlink().name(), "Tim Andrews");
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("name"));
  ctl_.Run({"pause", "Tim"});
  EXPECT_TRUE(request.interlink().paused());
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("paused"));
  ctl_.Run({"resume", "Tim"});
  EXPECT_FALSE(request.interlink().paused());
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("paused"));
  ctl_.Run({"priority", "Tim", "7"});
  EXPECT_EQ(request.interlink().priority(), 7);
  ctl_.Run({"address", "Tim", "10.0.0.9:7443"});
  EXPECT_EQ(request.interlink().manual_address(), "10.0.0.9:7443");
  ctl_.Run({"address", "Tim", "none"});
  EXPECT_EQ(request.interlink().manual_address(), "");
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("manual_address"));
}

TEST_F(VerbsTest, ResumeSaysThatThePauseOfTheOtherAccountStays) {
  daemon_.rows[0].set_health(v1::INTERLINK_HEALTH_PAUSED);
  EXPECT_EQ(ctl_.Run({"resume", "John Smith"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.err, HasSubstr("only the other account can end its pause"));
  EXPECT_EQ(ctl_.Run({"pause", "John Smith"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.err, "");
}

TEST_F(VerbsTest, AChangeIsShown) {
  EXPECT_EQ(ctl_.Run({"priority", "John Smith", "7"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("John Smith: connected; priority 7\n"));
  EXPECT_EQ(ctl_.Run({"address", "John Smith", "10.0.0.9:1"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("connected; address 10.0.0.9:1\n"));
  EXPECT_EQ(ctl_.Run({"address", "John Smith", "none"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("connected; address none\n"));
}

TEST_F(VerbsTest, ARefusalNamesItsReason) {
  daemon_.refusal = grpc::Status(grpc::StatusCode::ALREADY_EXISTS,
                                 "NAME_TAKEN: \x1b[1mthere is a Tim");
  EXPECT_EQ(ctl_.Run({"rename", "Tim", "x"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("NAME_TAKEN: [1mthere is a Tim\n"));
  EXPECT_EQ(ctl_.Run({"rename", "Tim", "x", "-o", "json"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("\"code\":\"ALREADY_EXISTS\"}}\n"));
}

TEST_F(VerbsTest, NoErrorRepeatsAKey) {
  const std::string key = "ilk1_ChAAESIzRFVmd4iZ";
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"delete", key},
                                             {"rename", "Tim", "x", key},
                                             {"link", key, "Tim"},
                                             {"link", key},
                                             {"link", "Mike", "Brown", key},
                                             {key}}) {
    for (const std::string format : {"table", "json"}) {
      std::vector<std::string> all = words;
      all.insert(all.end(), {"-o", format});
      EXPECT_NE(ctl_.Run(all), ExitCode::kDone);
      EXPECT_THAT(ctl_.err + ctl_.out, Not(HasSubstr("ChAAE")));
    }
  }
}

TEST_F(VerbsTest, AnAnswerThatCannotBeWrittenIsNotSuccess) {
  ctl_.out_is_full = true;
  EXPECT_EQ(ctl_.Run({"list"}), ExitCode::kInternal);
  EXPECT_THAT(ctl_.err,
              HasSubstr("OUTPUT_FAILED: the answer cannot be written"));
  EXPECT_EQ(ctl_.Run({"delete", "Old"}), ExitCode::kNotFound);
  EXPECT_EQ(ctl_.Run({"list", "--help"}), ExitCode::kInternal);
}

TEST_F(VerbsTest, NumbersAreAddedChangedListedAndDeleted) {
  EXPECT_EQ(ctl_.Run({"number", "add", "201", "--name", "Reception",
                      "--destination", "sip:r@10.0.0.5", "--private"}),
            ExitCode::kDone);
  EXPECT_EQ(daemon_.created_number.name(), "Reception");
  EXPECT_TRUE(daemon_.created_number.private_());
  EXPECT_EQ(ctl_.out, "201 Reception: sip:r@10.0.0.5, private\n");
  EXPECT_EQ(ctl_.Run({"number", "set", "201", "--shared", "--contact", ""}),
            ExitCode::kDone);
  EXPECT_THAT(daemon_.update_number_request.update_mask().paths(),
              ElementsAre("private", "contact"));
  EXPECT_EQ(ctl_.Run({"number", "set", "201"}), ExitCode::kUsage);
  EXPECT_EQ(ctl_.Run({"number", "delete", "201"}), ExitCode::kDone);
  EXPECT_EQ(daemon_.deleted_id, "201");
  for (const std::string digits : {"1", "2", "3"}) {
    daemon_.numbers.emplace_back().set_number(digits);
  }
  EXPECT_EQ(ctl_.Run({"number", "list"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("3             not assigned\n"));
}

TEST_F(VerbsTest, ResolvePrintsTheRoutesAndWhoDidNotAnswer) {
  v1::Route& route = *daemon_.resolution.add_routes();
  route.set_uri("sip:201@pbx.example");
  route.set_display_name("Reception");
  route.set_interlink_id(kId1);
  route.set_interlink_name("John Smith");
  daemon_.resolution.set_source(v1::RESOLUTION_SOURCE_PEER);
  daemon_.resolution.add_unanswered_interlink_ids(kId3);
  EXPECT_EQ(ctl_.Run({"resolve", "201"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "sip:201@pbx.example  Reception  via John Smith\n");
  EXPECT_EQ(ctl_.err, "warning: not every linked account answered: Zoë.\n");
}

TEST_F(VerbsTest, NumbersShowsWhatCanBeDialledAndWhatIsHidden) {
  EXPECT_EQ(ctl_.Run({"numbers"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "No numbers of linked accounts yet.\n");
  for (const char* digits : {"201", "30"}) {
    v1::ReachableNumber& number = daemon_.reachable.emplace_back();
    number.set_number(digits);
    number.set_name("Desk\x1b[2J");
    number.set_interlink_name("John Smith");
    number.set_uri("sip:x@pbx.example");
  }
  daemon_.reachable[1].set_shadowed(true);
  daemon_.reachable[1].set_stale(true);
  EXPECT_EQ(ctl_.Run({"numbers", "--interlink", "John Smith"}),
            ExitCode::kDone);
  EXPECT_EQ(daemon_.reachable_request.interlink_id(), kId1);
  EXPECT_THAT(ctl_.out, HasSubstr("  URI                NOTE\n"));
  EXPECT_THAT(ctl_.out, HasSubstr("201     Desk[2J  John Smith"));
  EXPECT_THAT(ctl_.out,
              HasSubstr("hidden by an own number or a prefix, remembered\n"));
  EXPECT_EQ(ctl_.Run({"numbers", "--interlink", "Nobody"}),
            ExitCode::kNotFound);
}

TEST_F(VerbsTest, NobodyHasTheNumberIsNotNobodyKnows) {
  daemon_.refusal =
      grpc::Status(grpc::StatusCode::NOT_FOUND, "NUMBER_NOT_FOUND: nobody");
  EXPECT_EQ(ctl_.Run({"resolve", "201"}), ExitCode::kNotFound);
  daemon_.refusal =
      grpc::Status(grpc::StatusCode::UNAVAILABLE, "LOOKUP_INCOMPLETE: Zoë");
  EXPECT_EQ(ctl_.Run({"resolve", "201"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("LOOKUP_INCOMPLETE: Zoë"));
}

TEST_F(VerbsTest, ALocalNumberWithoutADestinationSaysSo) {
  daemon_.resolution.set_source(v1::RESOLUTION_SOURCE_LOCAL);
  EXPECT_EQ(ctl_.Run({"resolve", "201"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("with no destination"));
  EXPECT_EQ(ctl_.err, "");
}

}  // namespace
}  // namespace interlink::cli
