#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace interlink::daemon {

// Why `app` could not read its command line, and what to write instead: an
// option that there is not, a word too many, or what is missing or wrong. None
// of it is in the library's words.
std::string UsageErrorInWords(const CLI::App& app,
                              const CLI::ParseError& error);

}  // namespace interlink::daemon
