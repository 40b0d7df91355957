#pragma once

#include <string>

namespace interlink::daemon {

// Sends a report, such as "WATCHDOG=1", to the service manager's socket `name`,
// which is a path, or abstract: "@" and a name (sd_notify(3)). Never waits.
// Whether it was sent; errno says why not. Threading: any thread.
bool SendReport(const std::string& name, const std::string& report);

}  // namespace interlink::daemon
