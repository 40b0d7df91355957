#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace interlink::daemon {

// Shows `reader` every flag and command that ReadConfig() knows, for what is
// made of them: the manual, and what a shell completes.
void ShowCommandLine(const std::function<void(const CLI::App& app)>& reader);

}  // namespace interlink::daemon
