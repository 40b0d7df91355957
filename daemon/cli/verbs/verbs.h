#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/cli/api/exit_code.h"
#include "daemon/cli/api/session.h"

namespace interlink::cli {

// The arguments of all verbs; each verb uses its own.
struct Arguments {
  std::string name;  // A row's name or id.
  std::string new_name;
  std::string key;      // "-": read it from standard input; empty: ask.
  std::string address;  // "none" for none.
  std::string prefix;   // "none" for none.
  std::optional<std::chrono::seconds> key_life;  // 0: the key never expires.
  int priority = 0;
  bool show_removed = false;
  bool is_sure = false;  // Do not ask.
  std::string awaited;   // A colour of the circle, or "removed".

  std::string number;
  std::optional<std::string> number_name;
  std::optional<std::string> destination;
  std::optional<std::string> contact;
  std::optional<bool> is_private;
  std::string calling_number;
  bool bypass_mirror = false;
  bool explain = false;
  std::string dialled;  // The user part of a call's URI.

  std::string interlink;  // A name or an id; empty: all.
  std::string filter;
  std::string file;  // "-": standard input.
  bool dry_run = false;
  std::string directory;
  int limit = 0;  // 0: all.
  bool follow = false;
  bool is_export = false;  // Of events.
  int64_t after = 0;       // The sequence of an event; 0: from the oldest on.
  bool check = false;

  std::string listen = "127.0.0.1:0";  // Of the page.
  bool open = false;
};

// A verb, from its call to the last line of its answer.
using Verb = ExitCode (*)(Session&, const Arguments&);

ExitCode GenerateKey(Session& session, const Arguments& arguments);
ExitCode ShowKey(Session& session, const Arguments& arguments);
ExitCode Link(Session& session, const Arguments& arguments);
ExitCode List(Session& session, const Arguments& arguments);
ExitCode Show(Session& session, const Arguments& arguments);
ExitCode Wait(Session& session, const Arguments& arguments);
ExitCode Watch(Session& session, const Arguments& arguments);
ExitCode Rename(Session& session, const Arguments& arguments);
ExitCode Delete(Session& session, const Arguments& arguments);
ExitCode Pause(Session& session, const Arguments& arguments);
ExitCode Resume(Session& session, const Arguments& arguments);
ExitCode SetPriority(Session& session, const Arguments& arguments);
ExitCode SetAddress(Session& session, const Arguments& arguments);
ExitCode SetPrefix(Session& session, const Arguments& arguments);

ExitCode AddNumber(Session& session, const Arguments& arguments);
ExitCode SetNumber(Session& session, const Arguments& arguments);
ExitCode DeleteNumber(Session& session, const Arguments& arguments);
ExitCode ListNumbers(Session& session, const Arguments& arguments);
ExitCode ImportNumbers(Session& session, const Arguments& arguments);
ExitCode ExportNumbers(Session& session, const Arguments& arguments);
ExitCode ListReachable(Session& session, const Arguments& arguments);
ExitCode ListConflicts(Session& session, const Arguments& arguments);

ExitCode Resolve(Session& session, const Arguments& arguments);
ExitCode Authorize(Session& session, const Arguments& arguments);
ExitCode Events(Session& session, const Arguments& arguments);
ExitCode Status(Session& session, const Arguments& arguments);
ExitCode Examine(Session& session, const Arguments& arguments);
ExitCode Backup(Session& session, const Arguments& arguments);
ExitCode Page(Session& session, const Arguments& arguments);

}  // namespace interlink::cli
