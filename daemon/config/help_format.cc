#include "daemon/config/help_format.h"

#include <utility>
#include <vector>

namespace interlink {

HelpFormat::HelpFormat() {
  label("SUBCOMMAND", "VERB");
  label("SUBCOMMANDS", "VERB");
  label("Positionals", "Arguments");
}

std::string HelpFormat::make_usage(const CLI::App* app,
                                   std::string name) const {
  std::string usage = CLI::Formatter::make_usage(app, std::move(name));
  std::string required;
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_required() && option->nonpositional()) {
      required += " " + option->get_name() + " " + option->get_option_text();
    }
  }
  return usage.insert(usage.find_last_not_of('\n') + 1, required);
}

std::string HelpFormat::make_option_opts(const CLI::Option* option) const {
  if (!option->nonpositional()) return "";
  const std::string& value = option->get_option_text();
  std::string text = value.empty() ? "" : " " + value;
  // The description names several, in an order that is the same each time.
  if (const auto needed = option->get_needs(); needed.size() == 1) {
    text += " (with " + (*needed.begin())->get_name() + ")";
  }
  if (const auto excluded = option->get_excludes(); excluded.size() == 1) {
    text += " (not with " + (*excluded.begin())->get_name() + ")";
  }
  return text;
}

std::string HelpFormat::make_footer(const CLI::App* app) const {
  const std::string footer = CLI::Formatter::make_footer(app);
  const CLI::App* program = app;
  while (program->get_parent() != nullptr) program = program->get_parent();
  if (program == app) return footer;
  constexpr size_t kMostNamed = 10;
  std::vector<std::string> names;
  for (const CLI::Option* option : program->get_options()) {
    const std::string name = option->get_name();
    if (name != "--help" && name != "--version") names.push_back(name);
  }
  std::string also = "Every verb also takes";
  const bool are_many = names.size() > kMostNamed;
  if (are_many) names.resize(3);
  for (const std::string& name : names) {
    also += (&name == &names.front() ? " " : ", ") + name;
  }
  if (are_many) also += " and more";
  return footer + "\n" + also + ":\nsee " + program->get_name() + " --help\n";
}

}  // namespace interlink
