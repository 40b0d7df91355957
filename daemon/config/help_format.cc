#include "daemon/config/help_format.h"

#include <utility>

namespace interlink {

HelpFormat::HelpFormat() {
  label("SUBCOMMAND", "VERB");
  label("SUBCOMMANDS", "VERB");
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
  return option->nonpositional() ? CLI::Formatter::make_option_opts(option)
                                 : "";
}

}  // namespace interlink
