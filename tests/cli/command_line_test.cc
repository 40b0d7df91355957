#include "daemon/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

class CommandLineTest : public ::testing::Test {
 protected:
  std::optional<ExitCode> Parse(const Words& words) {
    line_ = CommandLine();
    out_.str("");
    err_.str("");
    return ParseCommandLine(words, console_, &line_);
  }

  std::map<std::string, std::string> variables_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{.in = in_,
                   .out = out_,
                   .err = err_,
                   .environment = [this](const std::string& name) {
                     return variables_[name];
                   }};
  CommandLine line_;
};

TEST_F(CommandLineTest, GlobalOptionsStandBeforeOrBehindTheVerb) {
  for (const Words& words :
       {Words{"--output", "json", "--timeout", "3", "pause", "John"},
        Words{"pause", "John", "--output=json", "--timeout", "3"},
        Words{"pause", "-o", "json", "--timeout=3", "John"}}) {
    ASSERT_EQ(Parse(words), std::nullopt) << err_.str();
    EXPECT_EQ(line_.verb, &Pause);
    EXPECT_EQ(line_.arguments.name, "John");
    EXPECT_EQ(line_.output, Output::kJson);
    EXPECT_EQ(line_.timeout, std::chrono::seconds(3));
  }
  ASSERT_EQ(Parse({"number", "list", "--output", "json"}), std::nullopt);
  EXPECT_EQ(line_.verb, &ListNumbers);
  EXPECT_EQ(line_.output, Output::kJson);
}

TEST_F(CommandLineTest, ARowMayBeCalledLikeAVerbOrAnOption) {
  ASSERT_EQ(Parse({"rename", "list", "delete"}), std::nullopt) << err_.str();
  EXPECT_EQ(line_.verb, &Rename);
  EXPECT_EQ(line_.arguments.name, "list");
  EXPECT_EQ(line_.arguments.new_name, "delete");
  ASSERT_EQ(Parse({"delete", "--", "--removed"}), std::nullopt) << err_.str();
  EXPECT_EQ(line_.arguments.name, "--removed");
}

TEST_F(CommandLineTest, AnEmptyValueIsAValue) {
  ASSERT_EQ(Parse({"number", "set", "201", "--destination", ""}), std::nullopt);
  EXPECT_EQ(line_.arguments.destination, "");
  EXPECT_EQ(line_.arguments.number_name, std::nullopt);
  EXPECT_EQ(line_.arguments.is_private, std::nullopt);
}

TEST_F(CommandLineTest, WrongUsageIsExplainedAndHasItsOwnExitCode) {
  for (const Words& words :
       {Words{"frobnicate"}, Words{"pause"}, Words{"pause", "a", "b"},
        Words{"number", "-v"}, Words{"priority", "a", "high"},
        Words{"prefix", "a", "1234567"}, Words{"prefix", "a", ""},
        Words{"authorize"}, Words{"conflicts", "x"},
        Words{"generate-key", "a", "--expires", "soon"},
        Words{"generate-key", "a", "--expires", "0d"},
        Words{"list", "--output", "xml"}, Words{"list", "--timeout", "0"},
        Words{"list", "--api", "localhost:1"}, Words{"list", "--cert", "a.pem"},
        Words{"numbers", "x"}, Words{"number", "add", "201", "--shared"},
        Words{"rename", "a", "b\xFF"}}) {
    EXPECT_EQ(Parse(words), ExitCode::kUsage);
    EXPECT_THAT(err_.str(), HasSubstr("interlinkctl: "));
    EXPECT_EQ(out_.str(), "");
  }
}

TEST_F(CommandLineTest, WrongUsageIsExplainedInOurWords) {
  const std::pair<Words, const char*> cases[] = {
      {{"list", "--output", "yaml"}, "\"yaml\" is not table or json"},
      {{"priority", "a", "high"}, "\"high\" is no number from 0 to 1000"},
      {{"prefix", "a", "8a"}, "\"8a\" is not 1 to 6 digits, nor none"},
      {{"rename", "Mike", "Brown", "Mike B"},
       "\"Mike B\" is one word too many; put a name with spaces in quotes"},
      {{"generate-key", "John", "Smith"},
       "\"Smith\" is one word too many; put a name with spaces in quotes"},
      {{"list", "--colour"}, "there is no option --colour\n"},
      {{"list", "--removd"},
       "there is no option --removd; did you mean --removed?"},
      {{"rename", "--outptu=json"},
       "there is no option --outptu; did you mean --output?"},
      {{"wait", "a", "--for", "blue"}, "amber, red, grey or removed"}};
  for (const auto& [words, told] : cases) {
    EXPECT_EQ(Parse(words), ExitCode::kUsage);
    EXPECT_THAT(err_.str(), HasSubstr(told));
  }
}

TEST_F(CommandLineTest, WithoutAVerbTheHelpIsShown) {
  EXPECT_EQ(Parse({}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("generate-key"));
  EXPECT_THAT(out_.str(), HasSubstr("Exit status: 0 done"));
  EXPECT_EQ(Parse({"number"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Usage: interlinkctl number "));
  EXPECT_THAT(out_.str(), HasSubstr("interlinkctl number import numbers.csv"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CommandLineTest, HelpAndVersionMayBeAskedForAsVerbs) {
  EXPECT_EQ(Parse({"help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Usage: interlinkctl [OPTIONS] VERB\n"));
  EXPECT_EQ(Parse({"help", "number", "add"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Usage: interlinkctl number add "));
  EXPECT_EQ(Parse({"version"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("interlinkctl "));
  // A row may be called so.
  ASSERT_EQ(Parse({"pause", "help"}), std::nullopt) << err_.str();
  EXPECT_EQ(line_.arguments.name, "help");
}

TEST_F(CommandLineTest, TheHelpOfAVerbNamesTheOptionsThatAllVerbsTake) {
  for (const Words& words :
       {Words{"wait", "--help"}, Words{"number", "add", "--help"}}) {
    EXPECT_EQ(Parse(words), ExitCode::kDone);
    EXPECT_THAT(out_.str(),
                HasSubstr("\nEvery verb also takes --output, --verbose, "
                          "--timeout, "));
    EXPECT_THAT(out_.str(), HasSubstr("see interlinkctl --help\n"));
  }
  EXPECT_EQ(Parse({"--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), Not(HasSubstr("Every verb also takes")));
}

TEST_F(CommandLineTest, TheHelpIsNotInTheWordsOfTheLibrary) {
  EXPECT_EQ(Parse({"events", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("--after SEQUENCE (with --export)"));
  EXPECT_THAT(out_.str(), HasSubstr("--export (not with --limit)"));
  EXPECT_EQ(Parse({"number", "set", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("--shared (not with --private)"));
  EXPECT_THAT(out_.str(), HasSubstr("\nArguments:\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("Excludes")));
}

TEST_F(CommandLineTest, HelpHasExamples) {
  EXPECT_EQ(Parse({"link", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("  interlinkctl link \"Mike Brown\"\n"));
}

// As the help of the program promises.
TEST_F(CommandLineTest, TheHelpOfEveryVerbHasExamples) {
  const auto verbs = [this](const Words& words) {
    EXPECT_EQ(Parse(words), ExitCode::kDone);
    std::istringstream help(out_.str());
    std::vector<std::string> found;
    bool is_listed = false;
    for (std::string line; std::getline(help, line);) {
      if (line.empty()) is_listed = false;
      if (is_listed && line.find_first_not_of(' ') == 2) {
        found.push_back(line.substr(2, line.find(' ', 2) - 2));
      }
      if (line == "Verbs:") is_listed = true;
    }
    return found;
  };
  std::vector<Words> all;
  for (const std::string& verb : verbs({"--help"})) all.push_back({verb});
  for (const std::string& verb : verbs({"number", "--help"})) {
    all.push_back({"number", verb});
  }
  EXPECT_GT(all.size(), 20u);
  for (Words words : all) {
    if (words == Words{"number"}) continue;
    std::string usage = "  interlinkctl";
    for (const std::string& word : words) usage += " " + word;
    words.emplace_back("--help");
    EXPECT_EQ(Parse(words), ExitCode::kDone);
    EXPECT_THAT(out_.str(), HasSubstr(usage)) << usage;
  }
}

TEST_F(CommandLineTest, TheHelpSaysWhatTheColoursMean) {
  for (const Words& words :
       {Words{"list", "--help"}, Words{"wait", "--help"}}) {
    EXPECT_EQ(Parse(words), ExitCode::kDone);
    for (const char* line :
         {"  green  linked, and the other account answers",
          "  amber  linked, but the other account does not answer, another one "
          "answers at\n         its address, or one side has paused\n",
          "  red    failed", "  grey   not linked yet"}) {
      EXPECT_THAT(out_.str(), HasSubstr(line));
    }
  }
}

TEST_F(CommandLineTest, TheHelpOfDeleteSaysWhenItAsks) {
  EXPECT_EQ(Parse({"delete", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Without a terminal"));
  EXPECT_THAT(out_.str(), HasSubstr("was established,\nwhatever its colour"));
}

TEST_F(CommandLineTest, TheHelpOfImportNamesTheColumnsAndSaysWhatStays) {
  EXPECT_EQ(Parse({"number", "import", "--help"}), ExitCode::kDone);
  for (const char* words :
       {"  number  ", "  name  ", "  destination  ", "  private  ",
        "  contact  ", "Nothing is deleted", "--dry-run", "stores nothing"}) {
    EXPECT_THAT(out_.str(), HasSubstr(words));
  }
}

TEST_F(CommandLineTest, AnUnknownVerbIsNamed) {
  EXPECT_EQ(Parse({"frobnicate", "x"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("there is no verb \"frobnicate\"\n"));
  EXPECT_EQ(Parse({"lst"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("\"lst\"; did you mean list?\n"));
  EXPECT_EQ(Parse({"number", "remove", "201"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("there is no verb \"number remove\"; did "
                                    "you mean number delete?\n"));
  EXPECT_EQ(Parse({"number", "frobnicate"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("no verb \"number frobnicate\"\n"));
}

TEST_F(CommandLineTest, AnOptionThatHasToBeGivenIsInTheFirstLineOfTheHelp) {
  EXPECT_EQ(Parse({"wait", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Usage: interlinkctl wait [OPTIONS] NAME "
                                    "--for green|amber|red|grey|removed\n"));
  EXPECT_EQ(Parse({"number", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("interlinkctl number [OPTIONS] VERB\n"));
}

// A name that means nothing to an administrator, such as "TEXT" or "INT:INT in
// [1 - 1000000]".
TEST_F(CommandLineTest, TheHelpNamesWhatAnOptionTakes) {
  EXPECT_EQ(Parse({"events", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("--limit N "));
  EXPECT_EQ(Parse({"number", "add", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("--destination URI "));
  EXPECT_THAT(out_.str(), Not(HasSubstr("TEXT")));
}

TEST_F(CommandLineTest, TheHelpOfPrefixSaysThatTheLongestCounts) {
  EXPECT_EQ(Parse({"prefix", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("dialling 8201 asks that of 82"));
}

TEST_F(CommandLineTest, WrongUsageIsAnObjectIfJsonIsAskedFor) {
  EXPECT_EQ(Parse({"pause", "--output", "json"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("{\"error\":{\"reason\":\"USAGE\""));
}

TEST_F(CommandLineTest, HelpAndVersionAreAnswersAndNotErrors) {
  EXPECT_EQ(Parse({"--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("generate-key"));
  EXPECT_EQ(Parse({"number", "import", "--help"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("FILE"));
  EXPECT_EQ(Parse({"--version"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("interlinkctl "));
}

}  // namespace
}  // namespace interlink::cli
