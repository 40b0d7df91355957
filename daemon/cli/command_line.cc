#include "daemon/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/help_texts.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/config/likely_word.h"

namespace interlink::cli {
namespace {

constexpr const char* kNameHelp =
    "The row's name; its id or the first 8 or more digits of it will do";

// Adds examples to the help of `app`, after `explanation`.
void AddExamples(CLI::App* app, const std::vector<std::string>& examples,
                 const std::string& explanation = "") {
  std::string text = explanation.empty() ? "" : explanation + "\n\n";
  text += examples.size() == 1 ? "Example:" : "Examples:";
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

CLI::Validator OneOf(const std::vector<std::string>& words) {
  return CLI::Validator(
      [words](const std::string& text) {
        if (std::find(words.begin(), words.end(), text) != words.end()) {
          return std::string();
        }
        std::string error = "\"" + text + "\" is not ";
        for (const std::string& word : words) {
          if (&word != &words.front()) {
            error += &word == &words.back() ? " or " : ", ";
          }
          error += word;
        }
        return error;
      },
      "");
}

void AddGlobalOptions(CLI::App& app, CommandLine& line) {
  Endpoint& endpoint = line.endpoint;
  app.add_option_function<std::string>(
         "-o,--output",
         [&line](const std::string& word) {
           line.output = word == "json" ? Output::kJson : Output::kTable;
         },
         "table or json")
      ->check(OneOf({"table", "json"}))
      ->option_text("table|json");
  app.add_flag("-v,--verbose", line.is_verbose, "Show ids in tables");
  app.add_option_function<int64_t>(
         "--timeout",
         [&line](int64_t n) { line.timeout = std::chrono::seconds(n); },
         "Seconds to wait for an answer (10; link, wait: 60)")
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
  auto* ca = app.add_option(
      "--ca", endpoint.ca,
      "PEM file: the authority that signs the daemon's certificate");
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
  AddExamples(generate, {"generate-key \"John Smith\"",
                         "generate-key \"John Smith\" --expires 12h"});
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
  CLI::App* show_key = AddRowVerb(app, line, "show-key",
                                  "Show the key of a grey row again", ShowKey);
  AddExamples(show_key, {"show-key \"John Smith\""});
  CLI::App* link = AddVerb(app, line, "link",
                           "Enter a key that another account generated", Link);
  link->add_option("NAME", arguments.name, "The new row's name")->required();
  link->add_option("KEY", arguments.key,
                   "Better left out: it is then asked for, and not shown. - "
                   "reads it from standard input; the mail around it does no "
                   "harm");
  AddExamples(link, {"link \"Mike Brown\"", "link \"Mike Brown\" - <mail.txt"});
}

void AddRowVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* list = AddVerb(app, line, "list", "Show all rows", List);
  list->add_flag("--removed", arguments.show_removed,
                 "Show removed rows as well");
  AddExamples(list, {"list", "list --verbose", "list --output json"},
              kColoursExplained);
  CLI::App* show = AddRowVerb(app, line, "show", "Show all about a row", Show);
  AddExamples(show, {"show \"John Smith\""});
  CLI::App* wait = AddRowVerb(app, line, "wait",
                              "Wait until a row's circle has a colour", Wait);
  wait->add_option("--for", arguments.awaited,
                   "green, amber, red, grey or removed")
      ->required()
      ->check(OneOf({"green", "amber", "red", "grey", "removed"}))
      ->option_text("COLOUR");
  AddExamples(wait, {"wait \"John Smith\" --for green --timeout 120"},
              kColoursExplained);
  CLI::App* watch =
      AddVerb(app, line, "watch", "Show rows, then changes", Watch);
  AddExamples(watch, {"watch", "watch --timeout 60 --output json"});
  CLI::App* rename =
      AddRowVerb(app, line, "rename", "Give a row another name", Rename);
  rename->add_option("NEW", arguments.new_name, "Its new name")->required();
  AddExamples(rename, {"rename \"John Smith\" \"Branch office\""});
  CLI::App* remove = AddRowVerb(app, line, "delete",
                                "Remove a link from both accounts", Delete);
  remove->add_flag("--yes", arguments.is_sure, "Do not ask at the terminal");
  AddExamples(remove, {"delete \"John Smith\"", "delete --yes \"John Smith\""},
              kDeletionExplained);
  CLI::App* pause = AddRowVerb(app, line, "pause",
                               "Stop lookups over a link, both ways", Pause);
  AddExamples(pause, {"pause \"John Smith\""});
  CLI::App* resume = AddRowVerb(app, line, "resume", "End a pause", Resume);
  AddExamples(resume, {"resume \"John Smith\""});
  CLI::App* priority = AddRowVerb(app, line, "priority",
                                  "Set which link is asked first", SetPriority);
  priority->add_option("N", arguments.priority, "0 to 1000, lower comes first")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& text) {
            const bool is_number =
                !text.empty() && text.size() <= 4 &&
                text.find_first_not_of("0123456789") == std::string::npos &&
                std::stoi(text) <= 1000;
            return is_number ? std::string()
                             : "\"" + text + "\" is no number from 0 to 1000";
          },
          ""));
  AddExamples(priority, {"priority \"John Smith\" 10"});
  CLI::App* address =
      AddRowVerb(app, line, "address", "Set the peer's address", SetAddress);
  address
      ->add_option("ADDRESS", arguments.address,
                   "host:port, tried first, or none")
      ->required();
  AddExamples(address, {"address \"John Smith\" pbx.example.net:7443",
                        "address \"John Smith\" none"});
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
      "Hide it from linked accounts");
}

void AddNumberVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* number =
      app.add_subcommand("number", "The internal numbers of this account");
  number->require_subcommand(1);
  AddExamples(number, {"number add 201 --destination sip:reception@10.0.0.5",
                       "number list", "number import numbers.csv"});
  CLI::App* add = AddVerb(*number, line, "add", "Add a number", AddNumber);
  AddNumberFields(*add, arguments);
  AddExamples(add, {"number add 201 --name Reception --destination "
                    "sip:reception@10.0.0.5",
                    "number add 302 --name \"The boss\" --private"});
  CLI::App* set = AddVerb(*number, line, "set", "Change a number", SetNumber);
  AddNumberFields(*set, arguments);
  set->add_flag_callback(
         "--shared", [&arguments] { arguments.is_private = false; },
         "Show it to linked accounts")
      ->excludes("--private");
  AddExamples(set, {"number set 201 --private", "number set 201 --shared"});
  CLI::App* remove =
      AddVerb(*number, line, "delete", "Remove a number", DeleteNumber);
  remove->add_option("NUMBER", arguments.number, "Its digits")->required();
  AddExamples(remove, {"number delete 201"});
  CLI::App* list = AddVerb(*number, line, "list", "Show numbers", ListNumbers);
  list->add_option("FILTER", arguments.filter,
                   "First digits, or a part of the name");
  AddExamples(list, {"number list", "number list 20"});
  CLI::App* import =
      AddVerb(*number, line, "import",
              "Add or change many numbers from lines of CSV", ImportNumbers);
  import->add_option("FILE", arguments.file, "The file; - for standard input")
      ->required();
  import->add_flag("--dry-run", arguments.dry_run,
                   "Only say what would be done");
  AddExamples(
      import,
      {"number import --dry-run numbers.csv", "number import numbers.csv"},
      kImportExplained);
  CLI::App* exported =
      AddVerb(*number, line, "export", "Print all numbers as import reads them",
              ExportNumbers);
  AddExamples(exported, {"number export >numbers.csv"});
}

void AddDaemonVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* reachable = AddVerb(
      app, line, "numbers",
      "Show the linked accounts' numbers that can be dialled", ListReachable);
  reachable->add_option("--interlink", arguments.interlink,
                        "Only those of this link, by its name or id");
  AddExamples(reachable, {"numbers", "numbers --interlink \"John Smith\""});
  CLI::App* resolve =
      AddVerb(app, line, "resolve", "Find who has a number", Resolve);
  resolve->add_option("NUMBER", arguments.number, "As dialled")->required();
  resolve->add_option("--from", arguments.calling_number,
                      "Who dials, for the daemon's log");
  resolve->add_flag("--bypass-mirror", arguments.bypass_mirror,
                    "Ask the owners now instead of answering from memory");
  AddExamples(resolve, {"resolve 301"});
  CLI::App* events =
      AddVerb(app, line, "events", "Show events, newest first", Events);
  events->add_option("--limit", arguments.limit, "At most this many (all)")
      ->check(CLI::Range(1, 1000000));
  events->add_flag("--follow", arguments.follow,
                   "Show the last ones (10), and then each new one");
  AddExamples(events, {"events --limit 20", "events --follow"});
  CLI::App* status =
      AddVerb(app, line, "status", "Show this account and its daemon", Status);
  status->add_flag("--check", arguments.check,
                   "Fail if a row is red or the store takes no changes; amber "
                   "does not fail");
  AddExamples(status, {"status --check"});
  CLI::App* backup = AddVerb(app, line, "backup",
                             "Copy the daemon's store while it runs", Backup);
  backup
      ->add_option("DIR", arguments.directory,
                   "A new directory on the daemon's machine")
      ->required();
  AddExamples(backup, {"backup /var/backups/interlink-monday"});
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

std::string LikelyVerb(const CLI::App& app, const std::string& word) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) {
    verbs.push_back(verb->get_name());
  }
  return daemon::LikelyWord(word, verbs);
}

// The library's words for a usage error, or better ones.
std::string UsageErrorInWords(const CLI::App& app,
                              const CLI::ParseError& error) {
  const std::vector<std::string> left = app.remaining(true);
  const bool has_verb = !app.get_subcommands().empty();
  if (!has_verb && !left.empty() && !left[0].starts_with("-")) {
    const std::string likely = LikelyVerb(app, left[0]);
    return "there is no verb \"" + left[0] + "\"" +
           (likely.empty() ? "" : "; did you mean " + likely + "?");
  }
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError) ||
      left.empty()) {
    return error.what();
  }
  if (left[0].starts_with("-"))
    return "there is no option " + left[0] + " here";
  return "\"" + left[0] +
         "\" is one word too many; put a name with spaces in quotes";
}

// Without a verb, the help is shown: of the program, or of the group of verbs.
const CLI::App* AskedForHelpOf(const CLI::App& app,
                               const std::vector<std::string>& words) {
  if (words.empty()) return &app;
  if (words == std::vector<std::string>{"number"}) {
    return app.get_subcommand("number");
  }
  return nullptr;
}

}  // namespace

std::optional<ExitCode> ParseCommandLine(const std::vector<std::string>& words,
                                         const Console& console,
                                         CommandLine* line) {
  const bool json = AsksForJson(words);
  // Protobuf carries only UTF-8, and would fail without saying why.
  if (!std::all_of(words.begin(), words.end(), IsUtf8)) {
    return RefuseUsage(console, json, "an argument is not UTF-8 text");
  }
  CLI::App app("Links this PBX account with others, and shows how it stands.",
               "interlinkctl");
  app.set_version_flag("--version", "interlinkctl " INTERLINK_VERSION);
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  interlinkctl generate-key \"John Smith\"    on one side\n"
      "  interlinkctl link \"Mike Brown\"            on the other\n"
      "  interlinkctl list\n"
      "  interlinkctl VERB --help                  with examples of each\n\n"
      "Exit status: 0 done, 1 internal error or the store takes no changes,\n"
      "2 wrong usage, 3 not found, 4 refused, 5 unreachable or still linking.");
  AddGlobalOptions(app, *line);
  AddLinkingVerbs(app, *line);
  AddRowVerbs(app, *line);
  AddNumberVerbs(app, *line);
  AddDaemonVerbs(app, *line);
  if (const CLI::App* asked = AskedForHelpOf(app, words)) {
    console.out << asked->help(asked == &app ? "" : app.get_name());
    return ExitCode::kDone;
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Success& asked) {
    app.exit(asked, console.out, console.err);
    return ExitCode::kDone;
  } catch (const CLI::ParseError& error) {
    return RefuseUsage(console, json, UsageErrorInWords(app, error));
  }
  return std::nullopt;
}

}  // namespace interlink::cli
