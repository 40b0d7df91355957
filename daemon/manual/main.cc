// Writes the manual pages and completions of both programs into a folder.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "daemon/cli/command_line.h"
#include "daemon/config/settings.h"
#include "daemon/config/show_command_line.h"
#include "daemon/manual/command_tree.h"
#include "daemon/manual/completion.h"
#include "daemon/manual/man_page.h"

namespace interlink::manual {
namespace {

// Whether all could be written.
bool WriteAll(const std::filesystem::path& folder) {
  Command interlinkctl;
  cli::ShowCommandLine(
      [&](const CLI::App& app) { interlinkctl = TreeOf(app); });
  Command interlinkd;
  daemon::ShowCommandLine(
      [&](const CLI::App& app) { interlinkd = TreeOf(app); });

  bool is_good = true;
  const auto write = [&](const std::string& path, const std::string& text) {
    std::filesystem::create_directories((folder / path).parent_path());
    std::ofstream file(folder / path);
    file << text;
    file.close();
    if (!file) std::cerr << "cannot write " << folder / path << "\n";
    is_good = is_good && file;
  };
  const std::string version = INTERLINK_VERSION;
  write("man/man1/interlinkctl.1", ProgramPage(interlinkctl, version));
  write("man/man8/interlinkd.8", DaemonPage(interlinkd, version));
  write("man/man5/interlinkd.toml.5",
        SettingsPage(interlink::daemon::Settings(), version));
  for (const Command& program : {interlinkctl, interlinkd}) {
    const std::string& name = program.name;
    write("bash/" + name, BashCompletion(program));
    write("zsh/_" + name, ZshCompletion(program));
    write("fish/" + name + ".fish", FishCompletion(program));
  }
  return is_good;
}

}  // namespace
}  // namespace interlink::manual

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: interlink_manual FOLDER\n";
    return 2;
  }
  return interlink::manual::WriteAll(argv[1]) ? 0 : 1;
}
