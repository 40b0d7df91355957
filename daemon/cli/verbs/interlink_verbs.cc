#include <istream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/row.h"
#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

using InterlinkStub = v1::InterlinkService::Stub;

constexpr int kDefaultPriority = 100;

// When the row's state began; null if unknown.
const google::protobuf::Timestamp* SinceWhen(const v1::Interlink& row) {
  if (row.has_remove_time()) return &row.remove_time();
  if (row.has_health_since_time()) return &row.health_since_time();
  if (row.has_establish_time()) return &row.establish_time();
  return row.has_create_time() ? &row.create_time() : nullptr;
}

void PrintRows(const Session& session,
               const google::protobuf::RepeatedPtrField<v1::Interlink>& rows) {
  const Console& console = session.console;
  const Time now = console.now();
  std::vector<std::string> headings = {"NAME", "ACCOUNT", "STATE", "SINCE"};
  if (session.is_verbose) headings.push_back("ID");
  Table table(std::move(headings), std::string(Width("● green "), ' '));
  for (const v1::Interlink& row : rows) {
    const auto* since = SinceWhen(row);
    std::vector<std::string> cells = {
        Clean(row.name()), PeerInWords(row), StateInWords(row, now),
        since == nullptr ? "" : AgoInWords(ToTime(*since), now)};
    if (session.is_verbose) cells.push_back(Clean(row.id()));
    table.AddRow(std::move(cells),
                 Circle(row.indicator(), console.HasColour()));
    if (row.priority() != kDefaultPriority &&
        row.state() != v1::INTERLINK_STATE_REMOVED) {
      table.AddNote("priority " + std::to_string(row.priority()));
    }
    if (!row.dial_prefix().empty() &&
        row.state() != v1::INTERLINK_STATE_REMOVED) {
      table.AddNote("prefix " + Clean(row.dial_prefix()));
    }
    std::string trouble = TroubleInWords(row, now);
    if (!trouble.empty()) table.AddNote(std::move(trouble));
  }
  table.Print(console.out);
}

// Asks whether the administrator means it, at a terminal and for an established
// link only.
bool IsSureToDelete(const Console& console, const v1::Interlink& row) {
  if (!console.in_is_terminal ||
      row.state() != v1::INTERLINK_STATE_ESTABLISHED) {
    return true;
  }
  console.err << "Delete " << Clean(row.name()) << ", linked with "
              << PeerInWords(row)
              << "? It ends for both accounts, and only a new key links them "
                 "again. [y/N] "
              << std::flush;
  std::string answer;
  std::getline(console.in, answer);
  answer = LowerCase(Trim(answer));
  return answer == "y" || answer == "yes";
}

// The new value of a field that the state of a row does not show.
std::string ValueInWords(const v1::Interlink& row, const std::string& path) {
  if (path == "priority") return "; priority " + std::to_string(row.priority());
  if (path == "dial_prefix") {
    return row.dial_prefix().empty()
               ? "; no prefix"
               : "; prefix " + Clean(row.dial_prefix()) + ": " +
                     Clean(row.dial_prefix()) + "201 is its 201";
  }
  if (path != "manual_address") return "";
  return "; address " +
         (row.manual_address().empty() ? "none" : Clean(row.manual_address()));
}

// Changes the row of `arguments.name` by `change`, and shows it.
template <typename Change>
ExitCode Update(Session& session, const Arguments& arguments,
                const std::string& path, Change change,
                v1::Interlink* changed = nullptr) {
  v1::Interlink row;
  grpc::Status status = session.api.FindInterlink(arguments.name, &row);
  if (!status.ok()) return session.Fail(status);
  v1::UpdateInterlinkRequest request;
  request.mutable_interlink()->set_id(row.id());
  request.mutable_update_mask()->add_paths(path);
  change(request.mutable_interlink());
  v1::UpdateInterlinkResponse response;
  status =
      session.api.Call(&InterlinkStub::UpdateInterlink, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (changed != nullptr) *changed = response.interlink();
  if (session.json()) return session.PrintJson(response);
  session.console.out << RowInOneLine(response.interlink(),
                                      session.console.now(),
                                      session.console.HasColour())
                      << ValueInWords(response.interlink(), path) << '\n';
  return ExitCode::kDone;
}

// With an explanation on a terminal; for a script, the key alone.
void PrintKey(const Console& console, const std::string& key) {
  if (!console.out_is_terminal) {
    console.out << Clean(key) << '\n';
    return;
  }
  console.out
      << "┌─ Authorization key ───────────────────────────────────────────\n"
         "│ Send the line below to the administrator of the other account,\n"
         "│ who runs `interlinkctl link NAME` and pastes it. It links one\n"
         "│ account, once. It is a secret: whoever has it can use it.\n"
         "└───────────────────────────────────────────────────────────────\n\n"
      << Clean(key) << "\n\n";
}

// Names a few own numbers that begin with the prefix: they are dialled as ever.
void WarnOfOwnNumbers(Session& session, const std::string& prefix) {
  constexpr int kMostNamed = 5;
  v1::ListNumbersRequest request;
  request.set_filter(prefix);
  v1::ListNumbersResponse all;
  // The prefix is set, whether or not the warning can be given.
  if (!session.api
           .CallForAllPages(&v1::NumberService::Stub::ListNumbers, request,
                            &all)
           .ok()) {
    return;
  }
  std::string named;
  int count = 0;
  for (const v1::Number& number : all.numbers()) {
    const std::string& digits = number.number();
    // The filter finds names, too.
    if (!digits.starts_with(prefix) || digits == prefix) continue;
    if (++count > kMostNamed) break;
    named += (named.empty() ? "" : ", ") + Clean(digits);
  }
  if (count == 0) return;
  session.console.err << "warning: own numbers that begin with "
                      << Clean(prefix) << " come first: " << named
                      << (count > kMostNamed ? " and others" : "") << ".\n";
}

// Of two prefixes of which one begins with the other, the longer one counts.
void WarnOfOtherPrefixes(Session& session, const v1::Interlink& changed) {
  v1::ListInterlinksResponse list;
  // The prefix is set, whether or not the warning can be given.
  if (!session.api.ListInterlinks(&list).ok()) return;
  for (const v1::Interlink& row : list.interlinks()) {
    if (row.id() == changed.id() || row.dial_prefix().empty()) continue;
    const bool is_longer =
        row.dial_prefix().size() > changed.dial_prefix().size();
    const v1::Interlink& longer = is_longer ? row : changed;
    const v1::Interlink& shorter = is_longer ? changed : row;
    if (!longer.dial_prefix().starts_with(shorter.dial_prefix())) continue;
    session.Warn("what begins with " + longer.dial_prefix() + " is asked of " +
                 longer.name() + " alone, although " + shorter.name() +
                 " has the prefix " + shorter.dial_prefix() +
                 ": the longest prefix counts");
  }
}

}  // namespace

ExitCode GenerateKey(Session& session, const Arguments& arguments) {
  v1::GenerateKeyRequest request;
  request.set_name(arguments.name);
  if (arguments.key_life.has_value()) {
    request.mutable_expires_in()->set_seconds(arguments.key_life->count());
  }
  v1::GenerateKeyResponse response;
  const grpc::Status status =
      session.api.Call(&InterlinkStub::GenerateKey, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  const Console& console = session.console;
  if (console.out_is_terminal) {
    console.out << RowInOneLine(response.interlink(), console.now(),
                                console.HasColour())
                << "\n\n";
  }
  PrintKey(console, response.key());
  session.Warn(response.warnings());
  return ExitCode::kDone;
}

ExitCode ShowKey(Session& session, const Arguments& arguments) {
  v1::Interlink row;
  grpc::Status status = session.api.FindInterlink(arguments.name, &row);
  if (!status.ok()) return session.Fail(status);
  v1::ShowKeyRequest request;
  request.set_id(row.id());
  v1::ShowKeyResponse response;
  status = session.api.Call(&InterlinkStub::ShowKey, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  PrintKey(session.console, response.key());
  session.Warn(response.warnings());
  return ExitCode::kDone;
}

ExitCode List(Session& session, const Arguments& arguments) {
  v1::ListInterlinksResponse all;
  const grpc::Status status = session.api.ListInterlinks(
      &all, arguments.show_removed ? Removed::kShown : Removed::kHidden);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(all);
  if (all.interlinks().empty()) {
    session.console.out << "No interlinks yet: `interlinkctl generate-key "
                           "NAME` or `interlinkctl link NAME`.\n";
    return ExitCode::kDone;
  }
  PrintRows(session, all.interlinks());
  return ExitCode::kDone;
}

ExitCode Rename(Session& session, const Arguments& arguments) {
  return Update(session, arguments, "name",
                [&](v1::Interlink* row) { row->set_name(arguments.new_name); });
}

ExitCode Pause(Session& session, const Arguments& arguments) {
  return Update(session, arguments, "paused",
                [](v1::Interlink* row) { row->set_paused(true); });
}

ExitCode Resume(Session& session, const Arguments& arguments) {
  v1::Interlink resumed;
  const ExitCode code = Update(
      session, arguments, "paused",
      [](v1::Interlink* row) { row->set_paused(false); }, &resumed);
  if (!resumed.paused() && resumed.health() == v1::INTERLINK_HEALTH_PAUSED) {
    session.Warn(
        "the other account has paused this interlink, and only the other "
        "account "
        "can end its pause");
  }
  return code;
}

ExitCode SetPriority(Session& session, const Arguments& arguments) {
  return Update(session, arguments, "priority", [&](v1::Interlink* row) {
    row->set_priority(arguments.priority);
  });
}

ExitCode SetAddress(Session& session, const Arguments& arguments) {
  return Update(session, arguments, "manual_address", [&](v1::Interlink* row) {
    if (arguments.address != "none") row->set_manual_address(arguments.address);
  });
}

ExitCode SetPrefix(Session& session, const Arguments& arguments) {
  v1::Interlink changed;
  const ExitCode code = Update(
      session, arguments, "dial_prefix",
      [&](v1::Interlink* row) {
        if (arguments.prefix != "none") row->set_dial_prefix(arguments.prefix);
      },
      &changed);
  if (!changed.dial_prefix().empty()) {
    WarnOfOwnNumbers(session, changed.dial_prefix());
    WarnOfOtherPrefixes(session, changed);
  }
  return code;
}

ExitCode Delete(Session& session, const Arguments& arguments) {
  v1::Interlink row;
  grpc::Status status = session.api.FindInterlink(arguments.name, &row);
  if (!status.ok()) return session.Fail(status);
  if (!arguments.is_sure && !IsSureToDelete(session.console, row)) {
    return session.Fail(LocalFailure(grpc::StatusCode::FAILED_PRECONDITION,
                                     "NOT_CONFIRMED",
                                     "nothing was deleted; answer y, or give "
                                     "--yes"));
  }
  v1::DeleteInterlinkRequest request;
  request.set_id(row.id());
  v1::DeleteInterlinkResponse response;
  status =
      session.api.Call(&InterlinkStub::DeleteInterlink, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  session.console.out << Clean(row.name());
  switch (row.state()) {
    case v1::INTERLINK_STATE_PENDING:
      session.console.out << " is deleted, and its key with it.\n";
      break;
    case v1::INTERLINK_STATE_LINKING:
      session.console.out << " is deleted; the linking is called off.\n";
      break;
    case v1::INTERLINK_STATE_ESTABLISHED:
      session.console.out << " is deleted here; at the other account it goes "
                             "now, or as soon as that can be reached.\n";
      break;
    default:
      session.console.out << " is deleted.\n";
  }
  return ExitCode::kDone;
}

}  // namespace interlink::cli
