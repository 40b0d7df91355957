#include "daemon/cli/call_options.h"

#include <string>

#include "daemon/cli/help_texts.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verb_options.h"

namespace interlink::cli {

void AddCallVerbs(CLI::App& app, CommandLine& line) {
  Arguments& arguments = line.arguments;
  CLI::App* reachable = AddVerb(
      app, line, "numbers",
      "Show the linked accounts' numbers that can be dialled", ListReachable);
  reachable
      ->add_option("--interlink", arguments.interlink,
                   "Only those of this one, by its name or id")
      ->option_text("NAME");
  AddExamples(reachable, {"numbers", "numbers --interlink \"John Smith\""});
  CLI::App* resolve =
      AddVerb(app, line, "resolve", "Find who has a number", Resolve);
  resolve->add_option("NUMBER", arguments.number, "As dialled")->required();
  resolve
      ->add_option("--from", arguments.calling_number,
                   "Who dials, for the daemon's log")
      ->option_text("NUMBER");
  resolve->add_flag("--bypass-mirror", arguments.bypass_mirror,
                    "Ask the owners now instead of answering from memory");
  resolve->add_flag("--explain", arguments.explain,
                    "Show which interlinks were considered, and why one comes "
                    "first");
  AddExamples(resolve, {"resolve 301", "resolve 301 --explain"});
  CLI::App* conflicts =
      AddVerb(app, line, "conflicts",
              "Show numbers that several interlinks share or an own one hides",
              ListConflicts);
  AddExamples(conflicts, {"conflicts"});
  CLI::App* authorize =
      AddVerb(app, line, "authorize",
              "Ask whether a call is let in, and where it leads", Authorize);
  authorize
      ->add_option("USER", arguments.dialled,
                   "The user part of the URI that was called: a call token "
                   "or a number")
      ->required();
  authorize
      ->add_option("--from", arguments.calling_number,
                   "Who calls, for the daemon's log")
      ->option_text("NUMBER");
  AddExamples(authorize,
              {"authorize il-201-b3mvbbdje5acaaicamcaa4boj2lxaoyyy2bof5i"},
              kAuthorizeExplained);
  CLI::App* prefix =
      AddRowVerb(app, line, "prefix", "Set digits that ask one interlink alone",
                 SetPrefix);
  prefix
      ->add_option("DIGITS", arguments.prefix,
                   "1 to 6 digits to dial before the number, or none")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& text) {
            const bool is_prefix =
                text == "none" ||
                (!text.empty() && text.size() <= 6 &&
                 text.find_first_not_of("0123456789") == std::string::npos);
            return is_prefix ? std::string()
                             : "\"" + Clean(text) +
                                   "\" is not 1 to 6 digits, nor none";
          },
          ""));
  AddExamples(prefix, {"prefix \"John Smith\" 8", "prefix \"John Smith\" none"},
              kPrefixExplained);
}

}  // namespace interlink::cli
