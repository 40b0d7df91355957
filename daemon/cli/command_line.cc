#include "daemon/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "daemon/cli/failure.h"
#include "daemon/cli/text.h"
#include "daemon/cli/when.h"

namespace interlink::cli {
namespace {

constexpr const char* kNameHelp =
    "The row's name; its id or the first 8 or more digits of it will do";

// A line of help that shows what to type.
void AddExamples(CLI::App* app, const std::vector<std::string>& examples) {
  std::string text = examples.size() == 1 ? "Example:" : "Examples:";
  for (const std::string& example : examples) {
    text += "\n  interlinkctl " + example;
  }
  app->footer(text);
}

CLI::App* AddVerb(CLI::App& to, CommandLine& line, const std::string& word,
                  const std::string& help, Verb verb) {
  CLI::App* app = to.add_subcommand(word, help);
  app->callback([&line, verb] { line.verb = verb; });
  return app;
}

// A verb whose first argument is the name of a row.
CLI::App* AddRowVerb(CLI::App& to, CommandLine& line, const std::string& word,
                     const std::string& help, Verb verb) {
  CLI::App* app = AddVerb(to, line, word, help, verb);
  app->add_option("NAME", line.arguments.name, kNameHelp)->required();
  return app;
}

void AddGlobalOptions(CLI::App& app, CommandLine& line) {
  Endpoint& endpoint = line.endpoint;
  const std::map<std::string, Output> outputs = {{"table", Output::kTable},
                                                 {"json", Output::kJson}};
  app.add_option("-o,--output", line.output, "table or json")
      ->transform(CLI::CheckedTransformer(outputs))
      ->option_text("table|json");
  app.add_option_function<int64_t>(
         "--timeout",
         [&line](int64_t n) { line.timeout = std::chrono::seconds(n); },
         "Seconds to wait for an answer (10; 60 for link; import and watch "
         "take their time)")
      ->check(CLI::Range(int64_t{1}, int64_t{86400}))
      ->option_text("SECONDS");
  auto* socket = app.add_option("--api-socket", endpoint.socket,
                                "The daemon's unix socket (else "
                                "INTERLINK_API_SOCKET, or the usual place)");
  auto* api = app.add_option("--api", endpoint.address,
                             "The API over TCP, with --cert, --key and --ca");
  auto* cert = app.add_option("--cert", endpoint.certificate,
                              "PEM file: the certificate to show");
  auto* key = app.add_option("--key", endpoint.key, "PEM file: its key");
  auto* ca = app.add_option("--ca", endpoint.ca,
                            "PEM file: who signs the daemon's certificate");
  auto* server_name =
      app.add_option("--server-name", endpoint.server_name,
                     "The name in the daemon's certificate, if not HOST");
  api->excludes(socket)->needs(cert)->needs(key)->needs(ca);
  socket->option_text("PATH");
  api->option_text("HOST:PORT");
  server_name->option_text("NAME");
  for (CLI::Option* file : {cert, key, ca}) file->option_text("FILE");
  for (CLI::Option* option : {cert, key, ca, server_name}) option->needs(api);
}

void AddLinkingVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* generate =
      AddVerb(app, line, "generate-key",
              "Make a row and the key that links it once", GenerateKey);
  generate->add_option("NAME", arguments.name, "The new row's name")
      ->required();
  const auto check_life = [](const std::string& text) {
    return ParseKeyLife(text).has_value()
               ? std::string()
               : "\"" + Clean(text) +
                     "\" is not a time such as 7d, 12h or "
                     "30m, nor never";
  };
  generate
      ->add_option_function<std::string>(
          "--expires",
          [&arguments](const std::string& text) {
            arguments.key_life = ParseKeyLife(text);
          },
          "How long the key may be entered: 30m, 12h, 7d, never (7d)")
      ->check(CLI::Validator(check_life, "TIME"));
  AddRowVerb(app, line, "show-key", "Show the key of a grey row again",
             ShowKey);
  CLI::App* link = AddVerb(app, line, "link",
                           "Enter a key that another account generated", Link);
  link->add_option("NAME", arguments.name, "The new row's name")->required();
  link->add_option("KEY", arguments.key,
                   "Better left out: then it is asked for and not shown. - "
                   "reads it from standard input, with whatever mail has put "
                   "around it");
  AddExamples(link, {"link \"Mike Brown\"", "link \"Mike Brown\" - <mail.txt"});
}

void AddRowVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* list = AddVerb(app, line, "list", "Show all rows", List);
  list->add_flag("--removed", arguments.show_removed,
                 "Show removed rows as well");
  AddVerb(app, line, "watch", "Show all rows and then every change", Watch);
  CLI::App* rename =
      AddRowVerb(app, line, "rename", "Give a row another name", Rename);
  rename->add_option("NEW", arguments.new_name, "Its new name")->required();
  AddRowVerb(app, line, "delete", "Remove a link from both accounts", Delete);
  AddRowVerb(app, line, "pause", "Stop lookups over a link, both ways", Pause);
  AddRowVerb(app, line, "resume", "End a pause", Resume);
  CLI::App* priority = AddRowVerb(
      app, line, "priority", "Say who comes first for one number", SetPriority);
  priority->add_option("N", arguments.priority, "0 to 1000, lower comes first")
      ->required();
  CLI::App* address = AddRowVerb(
      app, line, "address", "Say where the peer can be reached", SetAddress);
  address
      ->add_option("ADDRESS", arguments.address,
                   "host:port to try first, or none")
      ->required();
}

void AddNumberFields(CLI::App& app, Arguments& arguments) {
  const auto text = [&app](const char* option, std::optional<std::string>& to,
                           const char* help) {
    app.add_option_function<std::string>(
        option, [&to](const std::string& value) { to = value; }, help);
  };
  app.add_option("NUMBER", arguments.number, "1 to 15 digits")->required();
  text("--name", arguments.number_name, "What people call it");
  text("--destination", arguments.destination,
       "Where a call goes, such as sip:reception@10.0.0.5; \"\" for nowhere");
  text("--contact", arguments.contact,
       "What peers call instead of the account's contact; \"\" for that");
  app.add_flag_callback(
      "--private", [&arguments] { arguments.is_private = true; },
      "Keep it from linked accounts");
}

void AddNumberVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* number =
      app.add_subcommand("number", "The internal numbers of this account");
  number->require_subcommand(1);
  AddNumberFields(*AddVerb(*number, line, "add", "Add a number", AddNumber),
                  arguments);
  CLI::App* set = AddVerb(*number, line, "set", "Change a number", SetNumber);
  AddNumberFields(*set, arguments);
  set->add_flag_callback(
         "--shared", [&arguments] { arguments.is_private = false; },
         "Open it to linked accounts")
      ->excludes("--private");
  CLI::App* remove =
      AddVerb(*number, line, "delete", "Remove a number", DeleteNumber);
  remove->add_option("NUMBER", arguments.number, "Its digits")->required();
  CLI::App* list = AddVerb(*number, line, "list", "Show numbers", ListNumbers);
  list->add_option("FILTER", arguments.filter,
                   "First digits, or a part of the name");
  CLI::App* import = AddVerb(
      *number, line, "import",
      "Add or change many numbers from lines of CSV. The first may name the "
      "columns: number, name, destination, private, contact; what a line has "
      "no column for stays as it is",
      ImportNumbers);
  import->add_option("FILE", arguments.file, "The file; - for standard input")
      ->required();
  import->add_flag("--dry-run", arguments.dry_run,
                   "Say what would be done, and do nothing");
  AddExamples(import, {"number import --dry-run numbers.csv",
                       "number export >numbers.csv"});
  AddVerb(*number, line, "export", "Print all numbers as import reads them",
          ExportNumbers);
}

void AddDaemonVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* reachable = AddVerb(
      app, line, "numbers",
      "Show the linked accounts' numbers that can be dialled", ListReachable);
  reachable->add_option("--interlink", arguments.interlink,
                        "Only those of this one, by name or id");
  CLI::App* resolve =
      AddVerb(app, line, "resolve", "Find who has a number", Resolve);
  resolve->add_option("NUMBER", arguments.number, "As dialled")->required();
  resolve->add_option("--from", arguments.calling_number,
                      "Who dials, for the daemon's log");
  resolve->add_flag("--bypass-mirror", arguments.bypass_mirror,
                    "Ask the owners now instead of answering from memory");
  CLI::App* events =
      AddVerb(app, line, "events", "Show what happened, newest first", Events);
  events->add_option("--limit", arguments.limit, "At most this many (all)")
      ->check(CLI::Range(1, 1000000));
  AddVerb(app, line, "status", "Show this account and its daemon", Status);
  CLI::App* backup = AddVerb(app, line, "backup",
                             "Copy the daemon's store while it runs", Backup);
  backup
      ->add_option("DIR", arguments.directory,
                   "A new directory on the daemon's machine")
      ->required();
}

bool AsksForJson(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--output=json" || word == "-ojson") return true;
    if (word != "--output" && word != "-o") continue;
    if (i + 1 < words.size() && words[i + 1] == "json") return true;
  }
  return false;
}

ExitCode RefuseUsage(const Console& console, bool json,
                     const std::string& message) {
  const Failure failure{grpc::StatusCode::INVALID_ARGUMENT, "USAGE", message};
  if (json) {
    PrintFailure(console, Output::kJson, failure);
  } else {
    console.err << "interlinkctl: " << Clean(WithoutKeys(message))
                << "\nRun with --help for more information." << std::endl;
  }
  return ExitCode::kUsage;
}

}  // namespace

std::optional<ExitCode> ParseCommandLine(const std::vector<std::string>& words,
                                         const Console& console,
                                         CommandLine* line) {
  const bool json = AsksForJson(words);
  // Protobuf cannot carry anything else, and would fail without a word why.
  if (!std::all_of(words.begin(), words.end(), IsUtf8)) {
    return RefuseUsage(console, json, "an argument is not UTF-8 text");
  }
  CLI::App app("Links this PBX account with others, and shows how it stands.",
               "interlinkctl");
  app.set_version_flag("--version", "interlinkctl " INTERLINK_VERSION);
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 done, 1 internal error, 2 wrong usage, 3 not found,\n"
      "4 refused, 5 not reachable or still linking.");
  AddGlobalOptions(app, *line);
  AddLinkingVerbs(app, *line);
  AddRowVerbs(app, *line);
  AddNumberVerbs(app, *line);
  AddDaemonVerbs(app, *line);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Success& asked) {
    app.exit(asked, console.out, console.err);
    return ExitCode::kDone;
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app.remaining();
    return RefuseUsage(console, json,
                       line->verb == nullptr && !unknown.empty()
                           ? "there is no verb \"" + unknown[0] + "\""
                           : error.what());
  } catch (const CLI::ParseError& error) {
    return RefuseUsage(console, json, error.what());
  }
  return std::nullopt;
}

}  // namespace interlink::cli
