#pragma once

#include <string>

#include "daemon/cli/api/exit_code.h"
#include "daemon/cli/api/session.h"

namespace interlink::cli {

// Serves the page until Ctrl-C, or until nobody can read what it prints any
// more (design.md section 18): prints a link, and another one each time that
// the user presses Enter. `listen` is an address of loopback; `open` has the
// user's browser open the link.
ExitCode ServePage(Session& session, const std::string& listen, bool open);

}  // namespace interlink::cli
