#include "daemon/manual/shell_cases.h"

namespace interlink::manual {
namespace {

// Such as "' number set --name'"; an option of the program fits at every place.
std::string PatternsOf(const std::string& place, const Argument& option) {
  std::string patterns;
  for (const std::string& name : option.names) {
    patterns += (patterns.empty() ? "" : "|") +
                (place.empty() ? "*' " : "'" + place + " ") + name + "'";
  }
  return patterns;
}

std::string ValueCase(const std::string& place, const Argument& option) {
  std::string choices;
  for (const std::string& choice : option.Choices()) {
    choices += (choices.empty() ? "" : " ") + choice;
  }
  const std::string found = !choices.empty()     ? "choices=(" + choices + ")"
                            : option.MayBeFile() ? "files=yes"
                                                 : "return";
  return "    (" + PatternsOf(place, option) + ") " + found + " ;;\n";
}

}  // namespace

ShellCases CasesOf(const Command& program) {
  ShellCases cases;
  VisitAll(program, [&](const std::string& place, const Command& command) {
    std::string values;
    for (const Argument& option : command.options) {
      if (!option.value.empty()) values += ValueCase(place, option);
    }
    if (place.empty()) {
      cases.values = values;
      return;
    }
    cases.places += "      ('" + place + "') place='" + place + "' ;;\n";
    // The verb's own options come before those of the program, whose patterns
    // match at every place.
    cases.values = values + cases.values;
  });
  return cases;
}

}  // namespace interlink::manual
