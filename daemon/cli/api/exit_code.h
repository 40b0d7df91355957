#pragma once

namespace interlink::cli {

// The exit status, for scripts (design.md section 13).
enum class ExitCode {
  kDone = 0,
  kInternal = 1,
  kUsage = 2,
  kNotFound = 3,
  kRefused = 4,
  kUnreachable = 5,  // The daemon or the peer; also: still linking.
  // Nobody reads the output any more. A shell reports this status for a program
  // that SIGPIPE has ended.
  kPipeClosed = 141,
};

}  // namespace interlink::cli
