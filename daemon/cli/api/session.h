#pragma once

#include <string>

#include "daemon/cli/api/api.h"
#include "daemon/cli/api/endpoint.h"
#include "daemon/cli/api/exit_code.h"
#include "daemon/cli/show/console.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"

namespace interlink::cli {

// What every verb needs: the daemon's API and the console.
//
// Threading: one thread. Lifetime: console, api and endpoint must outlive it.
struct Session {
  Console& console;
  Api& api;
  const Endpoint& endpoint;
  Output output;
  bool is_verbose = false;  // Tables show ids.

  bool json() const { return output == Output::kJson; }

  // Prints `response` as one line of protobuf JSON: every field, unset or not,
  // under its name in the proto, as grpcurl does with -emit-defaults.
  ExitCode PrintJson(const google::protobuf::Message& response) const;

  // Prints warnings, after the answer; each is a sentence without its full
  // stop.
  void Warn(
      const google::protobuf::RepeatedPtrField<std::string>& warnings) const;
  void Warn(const std::string& warning) const;

  // Prints what went wrong and returns the exit code for it. A call that was
  // cancelled because nobody reads the answer any more ends in silence.
  ExitCode Fail(const grpc::Status& status) const;
};

}  // namespace interlink::cli
