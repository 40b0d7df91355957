#pragma once

#include <string>

namespace interlink::daemon {

// Sends the log to standard error: "text", or "json" with one object a line.
// What gRPC and protobuf say goes there too, at debug. Levels as spdlog names
// them. May be called again, while others log. Never log a key, a proof, a
// certificate's key, or at info a whole number.
void SetUpLogging(const std::string& format, const std::string& level);

}  // namespace interlink::daemon
