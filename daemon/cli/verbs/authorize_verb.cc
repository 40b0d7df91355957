#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {

ExitCode Authorize(Session& session, const Arguments& arguments) {
  v1::AuthorizeCallRequest request;
  request.set_dialled(arguments.dialled);
  request.set_calling_number(arguments.calling_number);
  v1::AuthorizeCallResponse response;
  const grpc::Status status = session.api.Call(
      &v1::ResolverService::Stub::AuthorizeCall, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  const Console& console = session.console;
  console.out << Clean(response.destination()) << "  "
              << Clean(response.number());
  if (!response.display_name().empty()) {
    console.out << " " << Clean(response.display_name());
  }
  if (response.interlink_id().empty()) {
    console.out << "  (a plain number, from whoever dials it)\n";
  } else {
    console.out << "  from " << Clean(response.interlink_name()) << '\n';
  }
  return ExitCode::kDone;
}

}  // namespace interlink::cli
