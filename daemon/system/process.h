#pragma once

// What both programs do before anything else.
//
// A program that calls TakeSignalsAsErrors() also gets /dev/null for each of
// standard input, output and error that it was started without. Otherwise its
// next file or socket would get that number, and error messages would be
// written into it. Writing to such an output fails, so that no result is lost
// in silence.
namespace interlink {

// Makes SIGPIPE (a closed pipe) and SIGXFSZ (`ulimit -f`) errors of the write
// that meets them, instead of the end of the process.
void TakeSignalsAsErrors();

// Leaves OpenSSL's global state as it is when the process exits. gRPC's threads
// outlive main() and still use it, so that freeing it can crash (gRPC's issue
// 38539). Has no effect once OpenSSL was used.
void KeepOpensslUntilExit();

}  // namespace interlink
