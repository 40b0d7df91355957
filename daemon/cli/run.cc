#include "daemon/cli/run.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/api.h"
#include "daemon/cli/command_line.h"
#include "daemon/cli/endpoint.h"
#include "daemon/cli/failure.h"
#include "daemon/cli/session.h"

namespace interlink::cli {

ExitCode Run(const std::vector<std::string>& words, Console& console) {
  CommandLine line;
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
  const ExitCode code = line.verb(session, line.arguments);
  errno = 0;
  console.out.flush();
  if (console.out) return code;
  // A full disk must not look like success. Whoever closed the pipe, as `head`
  // does, has read what he wanted, and is told by the status alone.
  if (errno != EPIPE) {
    PrintFailure(
        console, line.output,
        {grpc::StatusCode::INTERNAL, "OUTPUT_FAILED",
         std::string("the answer cannot be written to standard "
                     "output") +
             (errno == 0 ? "" : std::string(": ") + std::strerror(errno))});
  }
  return code == ExitCode::kDone ? ExitCode::kInternal : code;
}

}  // namespace interlink::cli
