#include "daemon/cli/run.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/api/api.h"
#include "daemon/cli/api/endpoint.h"
#include "daemon/cli/api/failure.h"
#include "daemon/cli/api/session.h"
#include "daemon/cli/command_line.h"
#include "daemon/cli/show/terminal.h"

namespace interlink::cli {

namespace {

ExitCode RunVerb(const std::vector<std::string>& words, Console& console,
                 CommandLine& line) {
  const std::optional<ExitCode> done = ParseCommandLine(words, console, &line);
  if (done.has_value()) return *done;
  Endpoint& endpoint = line.endpoint;
  if (endpoint.address.empty()) {
    FindSocket(console, geteuid(), &endpoint);
  }
  std::shared_ptr<grpc::Channel> channel;
  const grpc::Status status = OpenChannel(endpoint, &channel);
  if (!status.ok()) {
    PrintFailure(console, line.output, FailureOf(status));
    return ExitCode::kUsage;
  }
  Api api(channel, line.timeout);
  Session session{console, api, endpoint, line.output, line.is_verbose};
  return line.verb(session, line.arguments);
}

}  // namespace

ExitCode Run(const std::vector<std::string>& words, Console& console) {
  CommandLine line;
  const ExitCode code = RunVerb(words, console, line);
  errno = 0;
  console.out.flush();
  if (console.out) return code;
  // The reader has seen enough.
  if (IsPipeClosed(console.out_descriptor)) return ExitCode::kPipeClosed;
  // A full disk must not look like success.
  PrintFailure(
      console, line.output,
      {grpc::StatusCode::INTERNAL, "OUTPUT_FAILED",
       std::string("the answer cannot be written to standard output") +
           (errno == 0 ? "" : std::string(": ") + std::strerror(errno)) +
           "; what was asked may be done: look before you repeat it"});
  return code == ExitCode::kDone ? ExitCode::kInternal : code;
}

}  // namespace interlink::cli
