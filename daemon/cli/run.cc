#include "daemon/cli/run.h"

#include <unistd.h>

#include <memory>
#include <optional>

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
  Session session{console, api, endpoint, line.output};
  const ExitCode code = line.verb(session, line.arguments);
  console.out.flush();
  // A full disk or a closed pipe must not look like success.
  return console.out || code != ExitCode::kDone ? code : ExitCode::kInternal;
}

}  // namespace interlink::cli
