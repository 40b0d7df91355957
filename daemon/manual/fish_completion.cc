#include "daemon/manual/completion.h"

namespace interlink::manual {
namespace {

// In single quotes, for fish.
std::string FishQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string OptionLine(const std::string& begin, const Argument& option) {
  std::string line = begin;
  for (const std::string& name : option.names) {
    const bool is_long = name.starts_with("--");
    line += (is_long ? " -l " : " -s ") + name.substr(is_long ? 2 : 1);
  }
  std::string choices;
  for (const std::string& choice : option.Choices()) {
    choices += (choices.empty() ? "" : " ") + choice;
  }
  if (!choices.empty()) {
    line += " -x -a " + FishQuoted(choices);
  } else if (!option.value.empty()) {
    line += option.MayBeFile() ? " -r -F" : " -x";
  }
  return line + " -d " + FishQuoted(option.description) + "\n";
}

}  // namespace

std::string FishCompletion(const Command& program) {
  const std::string is_at = "__" + program.name + "_is_at";
  std::string places;
  std::string lines = "complete -c " + program.name + " -f\n";
  VisitAll(program, [&](const std::string& place, const Command& command) {
    if (!place.empty()) places += " '" + place + "'";
    const std::string always = "complete -c " + program.name;
    const std::string here =
        always + " -n " + FishQuoted(is_at + " " + FishQuoted(place));
    for (const Command& next : command.commands) {
      lines += here + " -a " + next.name + " -d " +
               FishQuoted(next.description) + "\n";
    }
    // Those of the program hold everywhere, and so does each verb's --help.
    for (const Argument& option : command.options) {
      lines += OptionLine(place.empty() ? always : here, option);
    }
    if (command.TakesFiles()) lines += here + " -F\n";
  });
  return "# fish completion of " + program.name +
         ", made from its command line.\n"
         "function " +
         is_at +
         "\n"
         "  set -l place ''\n"
         "  for word in (commandline -opc)[2..]\n"
         "    switch \"$place $word\"\n"
         "      case" +
         places +
         "\n"
         "        set place \"$place $word\"\n"
         "    end\n"
         "  end\n"
         "  test \"$place\" = \"$argv[1]\"\n"
         "end\n" +
         lines;
}

}  // namespace interlink::manual
