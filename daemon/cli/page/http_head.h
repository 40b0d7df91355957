#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "daemon/cli/connect/metadata.h"

namespace interlink::cli {

// Everything of an answer before its body, with what every answer of the page
// says: which code and places the browser may use, and that nothing is kept.
// `size`: of the body; nullopt if it comes in chunks.
std::string HttpHead(int status, const Metadata& headers,
                     std::optional<size_t> size, bool must_close);

// A part of a body in chunks; nothing if it is empty, because that would end
// the body.
std::string HttpChunk(const std::string& part);
inline constexpr const char* kLastHttpChunk = "0\r\n\r\n";

}  // namespace interlink::cli
