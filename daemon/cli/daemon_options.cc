#include "daemon/cli/daemon_options.h"

#include <cstdint>
#include <limits>

#include "daemon/cli/help_texts.h"
#include "daemon/cli/verb_options.h"

namespace interlink::cli {
namespace {

void AddPageVerb(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* page = AddVerb(app, line, "page",
                           "Serve the page, in which a browser shows and does "
                           "all of this",
                           Page);
  page->add_option("--listen", arguments.listen,
                   "An address of this machine alone, or localhost, and a "
                   "port. Port 0: the system chooses; 127.0.0.1:0: the address "
                   "is chosen too, at random")
      ->capture_default_str()
      ->option_text("HOST:PORT");
  page->add_flag("--open", arguments.open, "Open it in the browser at once");
  AddExamples(page, {"page", "page --open", "page --listen 127.0.0.1:8080"},
              kPageExplained);
}

}  // namespace

void AddDaemonVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* events =
      AddVerb(app, line, "events", "Show events, newest first", Events);
  CLI::Option* limit =
      events
          ->add_option("--limit", arguments.limit,
                       "At most this many. Default: all; with --follow, 10")
          ->check(NumberFrom(1, 1000000))
          ->option_text("N");
  events->add_flag("--follow", arguments.follow,
                   "Show the last ones, and then each new one");
  CLI::Option* exported = events->add_flag(
      "--export", arguments.is_export, "Print all as JSON lines, oldest first");
  events
      ->add_option("--after", arguments.after,
                   "Export only what came after this sequence")
      ->check(NumberFrom(0, std::numeric_limits<int64_t>::max()))
      ->needs(exported)
      ->option_text("SEQUENCE");
  limit->excludes(exported);
  AddExamples(events, {"events --limit 20", "events --follow",
                       "events --export --after 1200 --follow"});
  CLI::App* status = AddVerb(
      app, line, "status",
      "Show this account and its daemon, and whether all is well", Status);
  status->add_flag("--check", arguments.check,
                   "Fail if an interlink is red, the store takes no changes or "
                   "a reload was refused; amber does not fail");
  AddExamples(status, {"status --check"}, kStatusExplained);
  CLI::App* doctor = AddVerb(
      app, line, "doctor",
      "Find out what keeps this account or an interlink from working", Examine);
  doctor->add_option("NAME", arguments.name,
                     "The interlink to examine. Default: all, and in short "
                     "those that are green");
  AddExamples(doctor, {"doctor", "doctor \"John Smith\""});
  CLI::App* backup = AddVerb(app, line, "backup",
                             "Copy the daemon's store while it runs", Backup);
  backup
      ->add_option("DIR", arguments.directory,
                   "A new directory on the daemon's machine")
      ->required();
  AddExamples(backup, {"backup /var/lib/interlink-backups/interlinkd/monday"});
  AddPageVerb(app, line);
}

}  // namespace interlink::cli
