#include "daemon/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/call_options.h"
#include "daemon/cli/daemon_options.h"
#include "daemon/cli/help_texts.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/cli/verb_options.h"
#include "daemon/config/help_format.h"
#include "daemon/config/likely_word.h"
#include "daemon/config/usage_error.h"

namespace interlink::cli {
namespace {

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
         "Seconds to wait for an answer. Default: 10; of link and wait, 60")
      ->check(NumberFrom(1, 86400))
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
              "Make an interlink, and the key that another account enters",
              GenerateKey);
  generate->add_option("NAME", arguments.name, "The new interlink's name")
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
          "How long the key may be entered: 30m, 12h, 7d, never. Default: 7d")
      ->check(CLI::Validator(check_life, ""))
      ->option_text("TIME");
  CLI::App* show_key = AddRowVerb(
      app, line, "show-key", "Show the key of a grey interlink again", ShowKey);
  AddExamples(show_key, {"show-key \"John Smith\""});
  CLI::App* link = AddVerb(app, line, "link",
                           "Enter a key that another account generated", Link);
  link->add_option("NAME", arguments.name, "The new interlink's name")
      ->required();
  link->add_option("KEY", arguments.key,
                   "Better left out: it is then asked for, and not shown. - "
                   "reads it from standard input; the mail around it does no "
                   "harm");
  AddExamples(link, {"link \"Mike Brown\"", "link \"Mike Brown\" - <mail.txt"});
}

void AddRowVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* list = AddVerb(app, line, "list", "Show all interlinks", List);
  list->add_flag("--removed", arguments.show_removed,
                 "Show those that were removed as well");
  AddExamples(list, {"list", "list --verbose", "list --output json"},
              kColoursExplained);
  CLI::App* show =
      AddRowVerb(app, line, "show", "Show all about an interlink", Show);
  AddExamples(show, {"show \"John Smith\""});
  CLI::App* wait =
      AddRowVerb(app, line, "wait",
                 "Wait until the circle of an interlink has a colour", Wait);
  wait->add_option("--for", arguments.awaited,
                   "The colour; removed: until the interlink is gone")
      ->required()
      ->check(OneOf({"green", "amber", "red", "grey", "removed"}))
      ->option_text("green|amber|red|grey|removed");
  AddExamples(wait, {"wait \"John Smith\" --for green --timeout 120"},
              kColoursExplained);
  CLI::App* watch = AddVerb(app, line, "watch",
                            "Show all interlinks, then each change", Watch);
  AddExamples(watch, {"watch", "watch --timeout 60 --output json"});
  CLI::App* rename =
      AddRowVerb(app, line, "rename", "Give an interlink another name", Rename);
  rename->add_option("NEW", arguments.new_name, "Its new name")->required();
  AddExamples(rename, {"rename \"John Smith\" \"Branch office\""});
  CLI::App* remove = AddRowVerb(
      app, line, "delete", "Remove an interlink from both accounts", Delete);
  remove->add_flag("--yes", arguments.is_sure, "Do not ask at the terminal");
  AddExamples(remove, {"delete \"John Smith\"", "delete --yes \"John Smith\""},
              kDeletionExplained);
  CLI::App* pause = AddRowVerb(
      app, line, "pause",
      "Stop lookups and calls over an interlink, both ways, until resume",
      Pause);
  AddExamples(pause, {"pause \"John Smith\""});
  CLI::App* resume = AddRowVerb(app, line, "resume", "End a pause", Resume);
  AddExamples(resume, {"resume \"John Smith\""});
  CLI::App* priority = AddRowVerb(
      app, line, "priority", "Set which interlink is asked first", SetPriority);
  priority->add_option("N", arguments.priority, "0 to 1000, lower comes first")
      ->required()
      ->check(NumberFrom(0, 1000));
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
  const auto text = [&app](const char* option, const char* value,
                           std::optional<std::string>& to, const char* help) {
    app.add_option_function<std::string>(
           option, [&to](const std::string& given) { to = given; }, help)
        ->option_text(value);
  };
  app.add_option("NUMBER", arguments.number, "1 to 15 digits")->required();
  text("--name", "NAME", arguments.number_name, "What people call it");
  text("--destination", "URI", arguments.destination,
       "Where a call goes: an extension of the PBX, such as 201, or a SIP URI; "
       "\"\" for nowhere");
  text("--contact", "URI", arguments.contact,
       "What linked accounts call instead of --contact of the daemon, with "
       "{number}; \"\" for that of the daemon");
  app.add_flag_callback(
      "--private", [&arguments] { arguments.is_private = true; },
      "Hide it from linked accounts");
}

void AddNumberVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* number =
      app.add_subcommand("number", "The internal numbers of this account");
  number->group(kVerbs);
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
  AddExamples(exported, {"number export >numbers.csv"}, kExportExplained);
}

using Words = std::vector<std::string>;

constexpr const char* kProgram =
    "Links this PBX account with others, and shows how it stands.";

void AddAll(CLI::App& app, CommandLine& line) {
  app.formatter(std::make_shared<HelpFormat>());
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
  AddGlobalOptions(app, line);
  AddLinkingVerbs(app, line);
  AddRowVerbs(app, line);
  AddNumberVerbs(app, line);
  AddCallVerbs(app, line);
  AddDaemonVerbs(app, line);
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

// The verb of `app` that was probably meant; also by the name that it has in
// other programs.
std::string LikelyVerb(const CLI::App& app, const std::string& word) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) {
    verbs.push_back(verb->get_name());
  }
  constexpr std::pair<const char*, const char*> kElsewhere[] = {
      {"remove", "delete"}, {"rm", "delete"},  {"unlink", "delete"},
      {"create", "add"},    {"update", "set"}, {"ls", "list"}};
  for (const auto& [elsewhere, here] : kElsewhere) {
    const bool is_here =
        std::find(verbs.begin(), verbs.end(), here) != verbs.end();
    if (word == elsewhere && is_here) return here;
  }
  return daemon::LikelyWordOrPart(word, verbs);
}

// An unknown verb first: the library would call it a word too many.
std::string WrongUsageInWords(const CLI::App& app,
                              const CLI::ParseError& error) {
  const CLI::App* group = &app;
  std::string place;
  while (!group->get_subcommands().empty()) {
    group = group->get_subcommands().front();
    place += group->get_name() + " ";
  }
  const bool wants_verb = !group->get_subcommands(nullptr).empty();
  const std::vector<std::string> left = app.remaining(/*recurse=*/true);
  if (wants_verb && !left.empty() && !left[0].starts_with("-")) {
    const std::string likely = LikelyVerb(*group, left[0]);
    return "there is no verb \"" + place + left[0] + "\"" +
           daemon::AskIfMeant(likely.empty() ? "" : place + likely);
  }
  return daemon::UsageErrorInWords(app, error);
}

// As in other programs, "help VERB" is "VERB --help", and "version" is
// "--version".
Words AsOptions(Words words) {
  if (words.empty()) return words;
  if (words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  } else if (words == Words{"version"}) {
    words.front() = "--version";
  }
  return words;
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
  CLI::App app(kProgram, "interlinkctl");
  AddAll(app, *line);
  if (const CLI::App* asked = AskedForHelpOf(app, words)) {
    console.out << asked->help(asked == &app ? "" : app.get_name());
    return ExitCode::kDone;
  }
  try {
    const Words given = AsOptions(words);
    app.parse(Words(given.rbegin(), given.rend()));
  } catch (const CLI::Success& asked) {
    app.exit(asked, console.out, console.err);
    return ExitCode::kDone;
  } catch (const CLI::ParseError& error) {
    return RefuseUsage(console, json, WrongUsageInWords(app, error));
  }
  return std::nullopt;
}

void ShowCommandLine(const std::function<void(const CLI::App& app)>& reader) {
  CommandLine line;
  CLI::App app(kProgram, "interlinkctl");
  AddAll(app, line);
  reader(app);
}

}  // namespace interlink::cli
