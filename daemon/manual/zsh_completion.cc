#include "daemon/manual/completion.h"
#include "daemon/manual/shell_cases.h"

namespace interlink::manual {
namespace {

// In single quotes, for zsh.
std::string ZshQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

// An entry of _describe: a colon ends what is completed.
std::string Entry(const std::string& word, const std::string& description) {
  return "      " + ZshQuoted(word + ":" + description) + "\n";
}

std::string ZshCase(const std::string& place, const Command& command,
                    const Command& program) {
  std::string text = "    ('" + place + "')\n      verbs=(\n";
  for (const Command& next : command.commands) {
    text += Entry(next.name, next.description);
  }
  text += "      )\n      options=(\n";
  for (const Argument& option : OptionsAt(command, program)) {
    text += Entry(option.names.back(), option.description);
  }
  text += "      )\n";
  if (command.TakesFiles()) text += "      files=yes\n";
  return text + "      ;;\n";
}

}  // namespace

std::string ZshCompletion(const Command& program) {
  const ShellCases shared = CasesOf(program);
  std::string cases;
  VisitAll(program, [&](const std::string& place, const Command& command) {
    cases += ZshCase(place, command, program);
  });
  const std::string& name = program.name;
  return "#compdef " + name + "\n# Made from the command line of " + name +
         ".\n_" + name +
         "() {\n"
         "  local place= files= i\n"
         "  local -a verbs options choices\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    case \"$place $words[i]\" in\n" +
         shared.places +
         "    esac\n"
         "  done\n"
         "  case $place in\n" +
         cases +
         "  esac\n"
         "  case \"$place $words[CURRENT-1]\" in\n" +
         shared.values +
         "  esac\n"
         "  if (( $#choices )); then\n"
         "    compadd -a choices\n"
         "  elif [[ -n $files && $words[CURRENT] != -* ]]; then\n"
         "    _files\n"
         "  elif [[ $words[CURRENT] == -* ]]; then\n"
         "    _describe -o option options\n"
         "  elif (( $#verbs )); then\n"
         "    _describe verb verbs\n"
         "  fi\n"
         "}\n_" +
         name + " \"$@\"\n";
}

}  // namespace interlink::manual
