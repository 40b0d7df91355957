#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace interlink::daemon {

// Why `app` could not read its command line: an unknown option, with the one
// that was probably meant; else the library's reason; else a word too many.
std::string UsageErrorInWords(const CLI::App& app,
                              const CLI::ParseError& error);

}  // namespace interlink::daemon
