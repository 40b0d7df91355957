#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/cli/command_line.h"

// What verbs are added to the command line with.
namespace interlink::cli {

// Adds examples to the help of `app`, after `explanation`.
void AddExamples(CLI::App* app, const std::vector<std::string>& examples,
                 const std::string& explanation = "");

CLI::App* AddVerb(CLI::App& to, CommandLine& line, const std::string& word,
                  const std::string& help, Verb verb);

// A verb whose first argument is the name of a row.
CLI::App* AddRowVerb(CLI::App& to, CommandLine& line, const std::string& word,
                     const std::string& help, Verb verb);

CLI::Validator OneOf(const std::vector<std::string>& words);
CLI::Validator NumberFrom(int64_t least, int64_t most);

}  // namespace interlink::cli
