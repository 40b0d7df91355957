#include <map>
#include <string>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/cli/verbs/explanation.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

// The names of the rows with these ids; the id itself if there is no such row.
std::string NamesOf(
    Session& session,
    const google::protobuf::RepeatedPtrField<std::string>& ids) {
  v1::ListInterlinksResponse list;
  const grpc::Status status = session.api.ListInterlinks(&list);
  std::map<std::string, std::string> names;
  if (status.ok()) {
    for (const v1::Interlink& row : list.interlinks()) {
      names[row.id()] = row.name();
    }
  }
  std::string text;
  for (const std::string& id : ids) {
    if (!text.empty()) text += ", ";
    const auto known = names.find(id);
    text += Clean(known == names.end() ? id : known->second);
  }
  return text;
}

void PrintRoute(const Console& console, const v1::Route& route) {
  console.out << Clean(route.uri());
  if (!route.display_name().empty()) {
    console.out << "  " << Clean(route.display_name());
  }
  if (route.interlink_id().empty()) {
    console.out << "  (this account)";
  } else {
    console.out << "  via " << Clean(route.interlink_name());
  }
  if (route.has_expire_time()) {
    const Time now = console.now();
    console.out << ", call before "
                << ClockTime(ToTime(route.expire_time()), now);
  }
  console.out << '\n';
}

void PrintResolution(Session& session, const v1::Resolution& resolution,
                     const std::string& number) {
  const Console& console = session.console;
  for (const v1::Route& route : resolution.routes()) {
    PrintRoute(console, route);
  }
  const bool is_local = resolution.source() == v1::RESOLUTION_SOURCE_LOCAL;
  if (is_local && resolution.routes().empty()) {
    console.out << Clean(number)
                << " is a number of this account, with no destination; give it "
                   "one with `interlinkctl number set "
                << Clean(number) << " --destination ...`.\n";
  }
  console.out.flush();
  if (resolution.stale()) {
    console.err << "warning: this is remembered; its owner did not answer.\n";
  }
  if (!is_local && !resolution.complete()) {
    console.err << "warning: not every linked account answered";
    if (!resolution.unanswered_interlink_ids().empty()) {
      console.err << ": "
                  << NamesOf(session, resolution.unanswered_interlink_ids());
    }
    console.err << ".\n";
  }
}

// Nobody has the number, or nobody has said so; other errors came before any
// link was considered.
bool WasLookedUp(const grpc::Status& status) {
  const std::string reason = FailureOf(status).reason;
  return reason == "NUMBER_NOT_FOUND" || reason == "LOOKUP_INCOMPLETE";
}

}  // namespace

ExitCode Resolve(Session& session, const Arguments& arguments) {
  if (arguments.explain && session.json()) {
    PrintFailure(session.console, session.output,
                 {grpc::StatusCode::INVALID_ARGUMENT, "USAGE",
                  "--explain says it in words; leave out --output json, which "
                  "without --explain has every route in its order"});
    return ExitCode::kUsage;
  }
  v1::ResolveRequest request;
  request.set_number(arguments.number);
  request.set_calling_number(arguments.calling_number);
  request.set_bypass_mirror(arguments.bypass_mirror);
  v1::ResolveResponse response;
  const grpc::Status status =
      session.api.Call(&v1::ResolverService::Stub::Resolve, request, &response);
  if (!status.ok()) {
    const ExitCode code = session.Fail(status);
    if (arguments.explain && WasLookedUp(status)) {
      ExplainResolution(session, request, status, {});
    }
    return code;
  }
  if (session.json()) return session.PrintJson(response);
  PrintResolution(session, response.resolution(), arguments.number);
  if (arguments.explain) {
    ExplainResolution(session, request, status, response.resolution());
  }
  return ExitCode::kDone;
}

}  // namespace interlink::cli
