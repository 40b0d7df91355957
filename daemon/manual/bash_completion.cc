#include "daemon/manual/completion.h"
#include "daemon/manual/shell_cases.h"

namespace interlink::manual {
namespace {

constexpr const char* kBegin =
    R"(# bash completion of NAME, made from its command line.
_NAME() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local place='' verbs='' options='' files='' i
  local -a choices=()
  COMPREPLY=()
  # --output=json comes as three words.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place ${COMP_WORDS[i]}" in
PLACES    esac
  done
  case "$place" in
)";

constexpr const char* kEnd = R"(  esac
  if ((${#choices[@]})); then
    mapfile -t COMPREPLY < <(compgen -W "${choices[*]}" -- "$word")
  elif [[ -n $files && $word != -* ]]; then
    # Left to readline: a list of names would break at a newline in one.
    compopt -o default 2>/dev/null
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word")
  fi
}
complete -F _NAME NAME
)";

std::string Named(std::string text, const std::string& name) {
  for (size_t at = 0; (at = text.find("NAME", at)) != text.npos;
       at += name.size()) {
    text.replace(at, 4, name);
  }
  return text;
}

std::string Words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

// What may be typed at a place.
std::string BashCase(const std::string& place, const Command& command,
                     const Command& program) {
  std::vector<std::string> verbs;
  for (const Command& next : command.commands) verbs.push_back(next.name);
  std::vector<std::string> options;
  for (const Argument& option : OptionsAt(command, program)) {
    options.push_back(option.names.back());
  }
  std::string text = "    '" + place + "')\n      verbs='" + Words(verbs) +
                     "'\n      options='" + Words(options) + "'\n";
  if (command.TakesFiles()) text += "      files=yes\n";
  return text + "      ;;\n";
}

}  // namespace

std::string BashCompletion(const Command& program) {
  const ShellCases shared = CasesOf(program);
  std::string cases;
  VisitAll(program, [&](const std::string& place, const Command& command) {
    cases += BashCase(place, command, program);
  });
  std::string begin = kBegin;
  begin.replace(begin.find("PLACES"), 6, shared.places);
  return Named(begin + cases + "  esac\n  case \"$place $before\" in\n" +
                   shared.values + kEnd,
               program.name);
}

}  // namespace interlink::manual
