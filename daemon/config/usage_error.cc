#include "daemon/config/usage_error.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/likely_word.h"

namespace interlink::daemon {
namespace {

// Of `app`, and of the commands that were given to it.
std::vector<const CLI::Option*> OptionsOf(const CLI::App& app) {
  std::vector<const CLI::Option*> all = app.get_options();
  for (const CLI::App* command : app.get_subcommands()) {
    const auto its = OptionsOf(*command);
    all.insert(all.end(), its.begin(), its.end());
  }
  return all;
}

// "prog verb verb".
std::string PlaceOf(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return (parent == nullptr ? "" : PlaceOf(*parent) + " ") + command.get_name();
}

// The line of its help that says how it is written.
std::string UsageOf(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  const std::string help =
      command.help(parent == nullptr ? "" : PlaceOf(*parent));
  const size_t start = help.find("Usage: ");
  if (start == help.npos) return PlaceOf(command);
  return help.substr(start, help.find('\n', start) - start);
}

// The last command that was given.
const CLI::App& CommandOf(const CLI::App& app) {
  const auto given = app.get_subcommands();
  return given.empty() ? app : CommandOf(*given.front());
}

std::string NoSuchOption(const CLI::App& app, const std::string& word) {
  const std::string option = word.substr(0, word.find('='));
  const std::string told = "there is no option " + option;
  if (!option.starts_with("--")) return told;
  std::vector<std::string> names;
  for (const CLI::Option* known : OptionsOf(app)) {
    const auto& own = known->get_lnames();
    names.insert(names.end(), own.begin(), own.end());
  }
  const std::string likely = LikelyWordOrPart(option.substr(2), names);
  return likely.empty() ? told : told + AskIfMeant("--" + likely);
}

std::string OneWordTooMany(const CLI::App& app, const std::string& word) {
  const CLI::App& command = CommandOf(app);
  const std::string told = "\"" + word + "\" is one word too many; ";
  const auto options = command.get_options();
  if (std::any_of(options.begin(), options.end(), [](const auto* option) {
        return !option->nonpositional();
      })) {
    return told + "put a name with spaces in quotes";
  }
  const bool has_verbs = !command.get_subcommands(nullptr).empty();
  return told + PlaceOf(command) +
         (has_verbs ? " has no such verb, and does its work without one"
                    : " takes options alone");
}

// How it is written: "--timeout SECONDS", or "NAME".
std::string Written(const CLI::Option& option) {
  if (!option.nonpositional()) return option.get_name();
  const std::string& value = option.get_option_text();
  return option.get_name() + (value.empty() ? "" : " " + value);
}

// The beginning of its help.
std::string MeaningOf(const CLI::Option& option) {
  const std::string& help = option.get_description();
  std::string meaning = help.substr(
      0, std::min({help.find(". "), help.find("; "), help.find(" (")}));
  // "A new directory", but "SIP URI".
  if (meaning.size() > 1 && std::isupper(meaning[1]) == 0) {
    meaning[0] = static_cast<char>(std::tolower(meaning[0]));
  }
  return meaning;
}

std::string Missing(const CLI::App& app, const CLI::Option& option) {
  return Written(option) + " is missing: " + MeaningOf(option) + ". " +
         UsageOf(CommandOf(app));
}

std::string VerbIsMissing(const CLI::App& command) {
  std::string verbs;
  constexpr size_t kMostNamed = 8;
  const auto all = command.get_subcommands(nullptr);
  for (const CLI::App* verb : all) {
    if (all.size() > kMostNamed) break;
    if (!verbs.empty()) verbs += verb == all.back() ? " or " : ", ";
    verbs += verb->get_name();
  }
  return "a verb is missing" + (verbs.empty() ? "" : ": " + verbs) + ". " +
         UsageOf(command);
}

// The option that the library's `message` begins with, or has after `before`;
// nullptr if there is none.
const CLI::Option* OptionIn(const CLI::App& app, std::string_view message,
                            std::string_view before = "") {
  const size_t at = message.find(before);
  if (at == message.npos) return nullptr;
  const std::string_view rest = message.substr(at + before.size());
  const CLI::Option* longest = nullptr;
  for (const CLI::Option* option : OptionsOf(app)) {
    const std::string name = option->get_name();
    const bool is_it = rest.starts_with(name) &&
                       (rest.size() == name.size() ||
                        rest[name.size()] == ' ' || rest[name.size()] == ':');
    if (is_it &&
        (longest == nullptr || longest->get_name().size() < name.size())) {
      longest = option;
    }
  }
  return longest;
}

// What was given to `option` is wrong in kind or count.
std::string WrongValues(const CLI::Option& option) {
  const auto values = option.results();
  if (option.get_items_expected_max() == 0) {
    return option.get_name() +
           " takes no value: leave the = and what follows "
           "it out";
  }
  if (values.empty()) {
    return option.get_name() + " has no value; write " + Written(option);
  }
  if (values.size() > 1) {
    return option.get_name() + " is given " + std::to_string(values.size()) +
           " times, and may be given once";
  }
  return option.get_name() + ": \"" + values.front() + "\" is no " +
         (option.get_option_text().empty() ? "value that it takes"
                                           : option.get_option_text());
}

// All that it needs and that is missing, not the one that the library names,
// which differs from run to run.
std::string NeedsOthers(const CLI::Option& option) {
  std::map<std::string, std::string> missing;
  for (const CLI::Option* other : option.get_needs()) {
    if (other->count() == 0) missing[other->get_name()] = Written(*other);
  }
  std::string names;
  std::string written;
  size_t left = missing.size();
  for (const auto& [name, text] : missing) {
    names += name;
    names += --left == 0 ? "" : left == 1 ? " and " : ", ";
    written += " " + text;
  }
  return option.get_name() + " needs " + names + " beside it; write" + written +
         " as well";
}

template <class Error>
bool Is(const CLI::ParseError& error) {
  return dynamic_cast<const Error*>(&error) != nullptr;
}

// The library's own sentence is for programmers. It is the only place where an
// error says which option it is about.
std::string InOurWords(const CLI::App& app, const CLI::ParseError& error) {
  const std::string said = error.what();
  const CLI::Option* option = OptionIn(app, said);
  const bool is_required = Is<CLI::RequiredError>(error);
  if (is_required && option == nullptr) return VerbIsMissing(CommandOf(app));
  if (is_required) return Missing(app, *option);
  if (Is<CLI::RequiresError>(error)) {
    if (option != nullptr) return NeedsOthers(*option);
  }
  if (Is<CLI::ExcludesError>(error)) {
    const CLI::Option* other = OptionIn(app, said, " excludes ");
    if (option != nullptr && other != nullptr) {
      return option->get_name() + " and " + other->get_name() +
             " cannot be given together; leave one out";
    }
  }
  if (Is<CLI::ConversionError>(error) && option == nullptr) {
    option = OptionIn(app, said, "Could not convert: ");
  }
  const bool is_of_values =
      Is<CLI::ConversionError>(error) || Is<CLI::ArgumentMismatch>(error);
  // What a validator says is ours.
  return is_of_values && option != nullptr ? WrongValues(*option) : said;
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
  if (!left.empty() && Is<CLI::ExtrasError>(error)) {
    return OneWordTooMany(app, left.front());
  }
  return InOurWords(app, error);
}

}  // namespace interlink::daemon
