#pragma once

#include <cstdint>
#include <string>

namespace interlink::daemon {

// Sends the log to standard error: "text", or "json" with one object a line.
// Messages of gRPC and protobuf go there too, at debug, or as critical if the
// process ends because of them. Levels are named as spdlog names them. May be
// called again while other threads log. Never log a key, a proof or a private
// key, nor a whole telephone number at info.
//
// Logging never waits for the reader of standard error: while a mebibyte is
// queued for it, lines are dropped.
void SetUpLogging(const std::string& format, const std::string& level);

// Waits until all lines are written, at most half a second. To be called before
// the process ends; a critical line does so by itself.
void FlushLog();

// Lines that standard error did not take, since the start.
uint64_t LogLinesDropped();

}  // namespace interlink::daemon
