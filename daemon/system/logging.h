#pragma once

#include <cstdint>
#include <string>

namespace interlink::daemon {

// Sends the log to standard error: "text", or "json" with one object a line.
// What gRPC and protobuf say goes there too, at debug, or as critical if it is
// the reason for an end. Levels as spdlog names them. May be called again,
// while others log. Never log a key, a proof, a certificate's key, or at info a
// whole number.
//
// Nobody who logs waits for the reader of standard error: lines that it does
// not take are dropped, once a mebibyte waits for it.
void SetUpLogging(const std::string& format, const std::string& level);

// Waits until what was logged is written, but for half a second at most; to be
// called before the process ends. A critical line is flushed by itself.
void FlushLog();

// Lines that standard error did not take, since the start.
uint64_t LogLinesDropped();

}  // namespace interlink::daemon
