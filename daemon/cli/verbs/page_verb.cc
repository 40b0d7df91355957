#include "daemon/cli/page/page.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {

ExitCode Page(Session& session, const Arguments& arguments) {
  // Without a daemon nothing on the page would work.
  v1::GetAccountResponse account;
  const grpc::Status status = session.api.Call(
      &v1::DaemonService::Stub::GetAccount, v1::GetAccountRequest(), &account);
  if (!status.ok()) return session.Fail(status);
  return ServePage(session, arguments.listen, arguments.open);
}

}  // namespace interlink::cli
