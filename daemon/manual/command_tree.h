#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace interlink::manual {

// An option or a positional argument of a command.
struct Argument {
  std::vector<std::string> names;  // "-o", "--output"; of a positional, "NAME".
  std::string value;               // As "table|json"; empty: it takes none.
  std::string description;
  bool is_required = false;

  // "table" and "json"; empty if anything may be given.
  std::vector<std::string> Choices() const;
  // Whether a file, or anything, may be given.
  bool MayBeFile() const;
};

// A program, or a verb of it, with all that may follow.
struct Command {
  std::string name;
  std::string description;
  std::string footer;  // Explanations and examples.
  std::vector<Argument> positionals;
  std::vector<Argument> options;
  std::vector<Command> commands;

  // Whether a positional is a file or a folder.
  bool TakesFiles() const;
};

Command TreeOf(const CLI::App& app);

// The options that may follow `command`: its own and the program's, without
// repeating a name such as --help, which each command has.
std::vector<Argument> OptionsAt(const Command& command, const Command& program);

// Calls `visit` for `program` and each command below it. `place` is how a shell
// comes there: "" for the program, then such as " number add".
void VisitAll(const Command& program,
              const std::function<void(const std::string& place,
                                       const Command& command)>& visit);

}  // namespace interlink::manual
