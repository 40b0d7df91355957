#include "daemon/cli/page/page.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {

ExitCode Page(Session& session, const Arguments& arguments) {
  return ServePage(session, arguments.listen, arguments.open);
}

}  // namespace interlink::cli
