#include "daemon/manual/command_tree.h"

#include <algorithm>
#include <utility>

namespace interlink::manual {
namespace {

Argument ArgumentOf(const CLI::Option& option) {
  Argument argument{.description = option.get_description(),
                    .is_required = option.get_required()};
  if (option.get_positional()) {
    argument.names = {option.get_name(true)};
    argument.value = argument.names.front();
    return argument;
  }
  for (const std::string& name : option.get_snames()) {
    argument.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    argument.names.push_back("--" + name);
  }
  if (!option.get_option_text().empty()) {
    argument.value = option.get_option_text();
  } else if (option.get_items_expected_max() > 0) {
    // Without what a check has to say of it.
    const std::string type = option.get_type_name();
    argument.value = type.substr(0, type.find(':'));
    if (argument.value.empty()) argument.value = "TEXT";
  }
  return argument;
}

void Visit(const std::string& place, const Command& command,
           const std::function<void(const std::string& place,
                                    const Command& command)>& visit) {
  visit(place, command);
  for (const Command& next : command.commands) {
    Visit(place + " " + next.name, next, visit);
  }
}

}  // namespace

std::vector<std::string> Argument::Choices() const {
  std::vector<std::string> choices;
  if (value.find('|') == value.npos) return choices;
  size_t begin = 0;
  for (size_t end = 0; end != value.npos; begin = end + 1) {
    end = value.find('|', begin);
    choices.push_back(value.substr(begin, end - begin));
  }
  return choices;
}

bool Argument::MayBeFile() const {
  return value == "FILE" || value == "PATH" || value == "DIR" ||
         value == "TEXT";
}

bool Command::TakesFiles() const {
  return std::any_of(
      positionals.begin(), positionals.end(), [](const Argument& positional) {
        return positional.value == "FILE" || positional.value == "DIR";
      });
}

Command TreeOf(const CLI::App& app) {
  Command command{.name = app.get_name(),
                  .description = app.get_description(),
                  .footer = app.get_footer()};
  for (const CLI::Option* option : app.get_options({})) {
    Argument argument = ArgumentOf(*option);
    auto& list =
        option->get_positional() ? command.positionals : command.options;
    list.push_back(std::move(argument));
  }
  for (const CLI::App* next : app.get_subcommands(nullptr)) {
    command.commands.push_back(TreeOf(*next));
  }
  return command;
}

std::vector<Argument> OptionsAt(const Command& command,
                                const Command& program) {
  std::vector<Argument> options = command.options;
  for (const Argument& general : program.options) {
    const bool is_own = std::any_of(
        command.options.begin(), command.options.end(),
        [&](const Argument& own) { return own.names == general.names; });
    if (!is_own) options.push_back(general);
  }
  return options;
}

void VisitAll(const Command& program,
              const std::function<void(const std::string& place,
                                       const Command& command)>& visit) {
  Visit("", program, visit);
}

}  // namespace interlink::manual
