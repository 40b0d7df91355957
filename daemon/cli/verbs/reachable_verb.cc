#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

// As it is called; a token that there will be in the place of the number is not
// known yet.
std::string UriInWords(const v1::ReachableNumber& number) {
  std::string uri = Clean(number.uri());
  const size_t user = uri.find(':') + 1;
  const size_t host = uri.find('@');
  if (!number.needs_token() || host == uri.npos || host < user) return uri;
  return uri.replace(user, host - user, "TOKEN");
}

std::string NoteOn(const v1::ReachableNumber& number) {
  std::string note;
  if (number.shadowed()) note = "hidden by an own number or a prefix";
  if (number.stale()) note += note.empty() ? "remembered" : ", remembered";
  if (!number.prefixed_number().empty()) {
    note +=
        (note.empty() ? "also " : ", also ") + Clean(number.prefixed_number());
  }
  return note;
}

}  // namespace

ExitCode ListReachable(Session& session, const Arguments& arguments) {
  v1::ListReachableNumbersRequest request;
  if (!arguments.interlink.empty()) {
    v1::Interlink row;
    const grpc::Status found =
        session.api.FindInterlink(arguments.interlink, &row);
    if (!found.ok()) return session.Fail(found);
    request.set_interlink_id(row.id());
  }
  v1::ListReachableNumbersResponse all;
  const grpc::Status status = session.api.CallForAllPages(
      &v1::NumberService::Stub::ListReachableNumbers, request, &all);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(all);
  if (all.numbers().empty()) {
    session.console.out << "No numbers of linked accounts yet.\n";
    return ExitCode::kDone;
  }
  std::vector<std::string> headings = {"NUMBER", "NAME", "INTERLINK", "URI",
                                       "NOTE"};
  if (session.is_verbose) headings.push_back("INTERLINK ID");
  Table table(std::move(headings));
  bool any_needs_token = false;
  for (const v1::ReachableNumber& number : all.numbers()) {
    any_needs_token |= number.needs_token();
    std::vector<std::string> cells = {
        Clean(number.number()), Clean(number.name()),
        Clean(number.interlink_name()), UriInWords(number), NoteOn(number)};
    if (session.is_verbose) cells.push_back(Clean(number.interlink_id()));
    table.AddRow(std::move(cells));
  }
  table.Print(session.console.out);
  if (any_needs_token) {
    session.console.out
        << "Where TOKEN stands, each call has its own: `interlinkctl resolve "
           "NUMBER` gives a URI that can be called.\n";
  }
  return ExitCode::kDone;
}

}  // namespace interlink::cli
