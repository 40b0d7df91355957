#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {

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
  for (const v1::ReachableNumber& number : all.numbers()) {
    std::string note;
    if (number.shadowed()) note = "hidden by an own number";
    if (number.stale()) note += note.empty() ? "remembered" : ", remembered";
    std::vector<std::string> cells = {
        Clean(number.number()), Clean(number.name()),
        Clean(number.interlink_name()), Clean(number.uri()), note};
    if (session.is_verbose) cells.push_back(Clean(number.interlink_id()));
    table.AddRow(std::move(cells));
  }
  table.Print(session.console.out);
  return ExitCode::kDone;
}

}  // namespace interlink::cli
