#pragma once

// What both programs do before anything else.
//
// A program that calls TakeSignalsAsErrors() also has /dev/null in place of
// standard input, output and error, as far as it was started without them: else
// its next file or socket would get the number, and what is written to standard
// error would go into that. A write to such an output fails, so that no result
// is lost in silence.
namespace interlink {

// Limits and closed pipes that end a process by a signal become errors of the
// write that meets them: SIGPIPE, and SIGXFSZ of `ulimit -f`.
void TakeSignalsAsErrors();

}  // namespace interlink
