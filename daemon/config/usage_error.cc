#include "daemon/config/usage_error.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "daemon/config/likely_word.h"

namespace interlink::daemon {
namespace {

// The options of `app`, and of the commands that were given to it.
std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    const auto& own = option->get_lnames();
    names.insert(names.end(), own.begin(), own.end());
  }
  for (const CLI::App* command : app.get_subcommands()) {
    const auto its = OptionsOf(*command);
    names.insert(names.end(), its.begin(), its.end());
  }
  return names;
}

std::string NoSuchOption(const CLI::App& app, const std::string& word) {
  const std::string option = word.substr(0, word.find('='));
  const std::string told = "there is no option " + option;
  if (!option.starts_with("--")) return told;
  const std::string likely = LikelyWordOrPart(option.substr(2), OptionsOf(app));
  return likely.empty() ? told : told + AskIfMeant("--" + likely);
}

}  // namespace

std::string UsageErrorInWords(const CLI::App& app,
                              const CLI::ParseError& error) {
  const std::vector<std::string> left = app.remaining(/*recurse=*/true);
  // Whatever else is missing may be what the option was meant to give.
  const auto option = std::find_if(
      left.begin(), left.end(),
      [](const std::string& word) { return word.starts_with("-"); });
  if (option != left.end()) return NoSuchOption(app, *option);
  if (left.empty() ||
      dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) {
    return error.what();
  }
  return "\"" + left.front() +
         "\" is one word too many; put a name with spaces in quotes";
}

}  // namespace interlink::daemon
