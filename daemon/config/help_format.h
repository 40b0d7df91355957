#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace interlink {

// How both programs show their help: the library's way, but the first line also
// names the options that have to be given, commands are called verbs, and what
// is known by its place has no type beside its name. The help of a verb ends
// with the program's own options, which it takes as well.
class HelpFormat : public CLI::Formatter {
 public:
  HelpFormat();

  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_footer(const CLI::App* app) const override;
};

// The heading of a program's verbs.
inline constexpr const char* kVerbs = "Verbs";

}  // namespace interlink
