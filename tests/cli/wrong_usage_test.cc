// Whatever is wrong with a command line, its user reads our words.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/command_line.h"

namespace interlink::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

// A verb as the command line itself has it.
struct VerbCase {
  Words words;     // Of the verb.
  Words required;  // NAME, or --for.
  Words valued;    // Options that take a value.
  Words numbers;   // Those of them that take a number.
  Words flags;     // Options that take none.
  Words filled;    // Words that are a good command line.

  friend void PrintTo(const VerbCase& verb, std::ostream* out) {
    for (const std::string& word : verb.words) *out << word << ' ';
  }
};

// A value that `option` takes.
std::string GoodValue(const std::string& name) {
  if (name == "--for") return "green";
  if (name == "N" || name == "NUMBER") return "201";
  if (name == "DIGITS") return "8";
  return "x";
}

void Collect(const CLI::App& app, const Words& place,
             std::vector<VerbCase>& cases) {
  for (const CLI::App* verb : app.get_subcommands(nullptr)) {
    Words words = place;
    words.push_back(verb->get_name());
    if (!verb->get_subcommands(nullptr).empty()) {
      Collect(*verb, words, cases);
      continue;
    }
    VerbCase found{.words = words, .filled = words};
    for (const CLI::Option* option : verb->get_options()) {
      const std::string name = option->get_name();
      if (name == "--help") continue;
      if (option->get_required()) found.required.push_back(name);
      if (!option->nonpositional() || option->get_required()) {
        if (option->nonpositional()) found.filled.push_back(name);
        found.filled.push_back(GoodValue(name));
      }
      if (!option->nonpositional()) continue;
      const bool is_flag = option->get_items_expected_max() == 0;
      (is_flag ? found.flags : found.valued).push_back(name);
      const std::string value = option->get_option_text();
      if (value == "N" || value == "SECONDS" || value == "SEQUENCE") {
        found.numbers.push_back(name);
      }
    }
    for (const char* name : {"--output", "--timeout", "--api-socket"}) {
      found.valued.emplace_back(name);
    }
    found.numbers.emplace_back("--timeout");
    found.flags.emplace_back("--verbose");
    cases.push_back(std::move(found));
  }
}

std::vector<VerbCase> AllVerbs() {
  std::vector<VerbCase> cases;
  ShowCommandLine([&cases](const CLI::App& app) { Collect(app, {}, cases); });
  return cases;
}

std::string Joined(const Words& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

class WrongUsageTest : public ::testing::TestWithParam<VerbCase> {
 protected:
  // What is told of a command line that is wrong.
  static std::string Told(const Words& words) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const Console console{
        .in = in, .out = out, .err = err, .environment = [](const auto&) {
          return std::string();
        }};
    CommandLine line;
    EXPECT_EQ(ParseCommandLine(words, console, &line), ExitCode::kUsage)
        << Joined(words);
    const std::string told = err.str();
    EXPECT_THAT(told, StartsWith("interlinkctl: "));
    for (const char* library :
         {"TEXT", "INT", "required", "requires", "excludes", "convert",
          "xpected", "received", "ubcommand", "in range", "At Most"}) {
      EXPECT_THAT(told, Not(HasSubstr(library))) << Joined(words);
    }
    return told;
  }
  static Words With(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_P(WrongUsageTest, TheGoodCommandLineOfTheCaseIsGood) {
  std::istringstream in;
  std::ostringstream out;
  const Console console{
      .in = in, .out = out, .err = out, .environment = [](const auto&) {
        return std::string();
      }};
  CommandLine line;
  EXPECT_EQ(ParseCommandLine(GetParam().filled, console, &line), std::nullopt)
      << Joined(GetParam().filled) << ": " << out.str();
}

TEST_P(WrongUsageTest, AMissingArgumentIsNamedWithTheWholeUsage) {
  if (GetParam().required.empty()) return;
  EXPECT_THAT(Told(GetParam().words),
              AllOf(StartsWith("interlinkctl: " + GetParam().required.front()),
                    HasSubstr(" is missing: "),
                    HasSubstr(". Usage: interlinkctl " +
                              Joined(GetParam().words) + " ")));
}

TEST_P(WrongUsageTest, AnUnknownOptionIsNamed) {
  EXPECT_THAT(Told(With(GetParam().filled, {"--zzzzzz"})),
              HasSubstr("there is no option --zzzzzz\n"));
}

TEST_P(WrongUsageTest, AWordTooManyIsNamed) {
  EXPECT_THAT(Told(With(GetParam().filled, {"extra"})),
              HasSubstr("\"extra\" is one word too many; "));
}

TEST_P(WrongUsageTest, AnOptionWithoutItsValueSaysHowItIsWritten) {
  for (const std::string& option : GetParam().valued) {
    EXPECT_THAT(Told(With(GetParam().words, {option})),
                HasSubstr(option + " has no value; write " + option + " "));
  }
}

TEST_P(WrongUsageTest, ABadNumberIsQuotedWithItsBounds) {
  for (const std::string& option : GetParam().numbers) {
    for (const char* bad : {"many", "1.5", "-1", "99999999999999999999"}) {
      EXPECT_THAT(Told(With(GetParam().filled, {option, bad})),
                  HasSubstr(option + ": \"" + bad + "\" is no number from "));
    }
  }
}

TEST_P(WrongUsageTest, AnOptionThatIsGivenTwiceIsNamed) {
  EXPECT_THAT(Told(With(GetParam().filled, {"--timeout", "1", "--timeout=2"})),
              HasSubstr("--timeout is given 2 times, and may be given once"));
}

TEST_P(WrongUsageTest, AFlagTakesNoValue) {
  for (const std::string& flag : GetParam().flags) {
    EXPECT_THAT(Told(With(GetParam().filled, {flag + "=maybe"})),
                HasSubstr(flag + " takes no value"));
  }
}

INSTANTIATE_TEST_SUITE_P(Verbs, WrongUsageTest, ::testing::ValuesIn(AllVerbs()),
                         [](const auto& param) {
                           std::string name;
                           bool is_first = true;
                           for (const char c : Joined(param.param.words)) {
                             if (c == ' ' || c == '-') {
                               is_first = true;
                               continue;
                             }
                             name += is_first ? static_cast<char>(c - 32) : c;
                             is_first = false;
                           }
                           return name;
                         });

TEST_F(WrongUsageTest, AMissingVerbIsNamedWithThoseThatThereAre) {
  EXPECT_THAT(Told({"number", "-v"}),
              HasSubstr("a verb is missing: add, set, delete, list, import or "
                        "export. Usage: interlinkctl number "));
  EXPECT_THAT(Told({"--timeout", "3"}),
              HasSubstr("a verb is missing. Usage: interlinkctl "));
}

TEST_F(WrongUsageTest, OptionsThatBelongTogetherOrNotSaySo) {
  EXPECT_THAT(Told({"list", "--cert", "a.pem"}),
              HasSubstr("--cert needs --api beside it; write --api HOST:PORT "
                        "as well"));
  EXPECT_THAT(Told({"list", "--api", "h:1"}),
              HasSubstr("--api needs --ca, --cert and --key beside it; write "
                        "--ca FILE --cert FILE --key FILE as well"));
  EXPECT_THAT(Told({"events", "--export", "--limit", "3"}),
              HasSubstr(" cannot be given together; leave one out"));
  EXPECT_THAT(Told({"number", "set", "201", "--shared", "--private"}),
              HasSubstr(" cannot be given together; leave one out"));
}

TEST_F(WrongUsageTest, AVerbWithoutNamesSaysThatItTakesNone) {
  EXPECT_THAT(Told({"status", "x"}),
              HasSubstr("\"x\" is one word too many; interlinkctl status takes "
                        "options alone"));
}

}  // namespace
}  // namespace interlink::cli
