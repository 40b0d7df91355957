#include "daemon/cli/verb_options.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "daemon/cli/show/text.h"
#include "daemon/config/help_format.h"

namespace interlink::cli {
namespace {

constexpr const char* kNameHelp =
    "The interlink's name; its id or the first 8 or more digits of it will do";

}  // namespace

void AddExamples(CLI::App* app, const std::vector<std::string>& examples,
                 const std::string& explanation) {
  std::string text = explanation.empty() ? "" : explanation + "\n\n";
  text += examples.size() == 1 ? "Example:" : "Examples:";
  for (const std::string& example : examples) {
    text += "\n  interlinkctl " + example;
  }
  app->footer(text);
}

CLI::App* AddVerb(CLI::App& to, CommandLine& line, const std::string& word,
                  const std::string& help, Verb verb) {
  CLI::App* app = to.add_subcommand(word, help);
  app->group(kVerbs);
  app->callback([&line, verb] { line.verb = verb; });
  return app;
}

CLI::App* AddRowVerb(CLI::App& to, CommandLine& line, const std::string& word,
                     const std::string& help, Verb verb) {
  CLI::App* app = AddVerb(to, line, word, help, verb);
  app->add_option("NAME", line.arguments.name, kNameHelp)->required();
  return app;
}

CLI::Validator OneOf(const std::vector<std::string>& words) {
  return CLI::Validator(
      [words](const std::string& text) {
        if (std::find(words.begin(), words.end(), text) != words.end()) {
          return std::string();
        }
        std::string error = "\"" + text + "\" is not ";
        for (const std::string& word : words) {
          if (&word != &words.front()) {
            error += &word == &words.back() ? " or " : ", ";
          }
          error += word;
        }
        return error;
      },
      "");
}

CLI::Validator NumberFrom(int64_t least, int64_t most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        int64_t number = 0;
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec == std::errc() && read.ptr == end && number >= least &&
            number <= most) {
          return std::string();
        }
        return "\"" + Clean(text) + "\" is no number from " +
               std::to_string(least) + " to " + std::to_string(most);
      },
      "");
}

}  // namespace interlink::cli
