#pragma once

#include <csignal>
#include <cstdlib>
#include <optional>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/api/session.h"
#include "daemon/cli/show/terminal.h"

namespace interlink::cli {

// Shows a stream of the daemon, message by message, as JSON lines or by `show`.
// Ends well by Ctrl-C or the --timeout, and when nobody reads any more, as
// after `watch | head`; it is an error if the daemon ends it.
template <typename Response, typename Open, typename Show>
ExitCode WatchStream(Session& session, Open open, Show show) {
  // Every line was flushed when it was written, so nothing is left to do.
  std::signal(SIGINT, [](int) { std::_Exit(0); });
  grpc::ClientContext context;
  session.api.SetDeadline(context, std::nullopt);
  const int out = session.console.out_descriptor;
  const PipeWatch pipe_watch(out, [&context] { context.TryCancel(); });
  const auto reader = open(&context);
  Response message;
  bool has_begun = false;
  while (reader->Read(&message)) {
    has_begun = true;
    if (session.json()) {
      session.PrintJson(message);
    } else {
      show(message);
    }
    if (!session.console.out) context.TryCancel();
  }
  const grpc::Status status = reader->Finish();
  if (IsPipeClosed(out)) return ExitCode::kPipeClosed;
  if (!session.console.out) return ExitCode::kInternal;  // A full disk.
  if (!has_begun) return session.Fail(status);
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return ExitCode::kDone;
  }
  const bool has_stopped =
      status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE;
  if (!has_stopped) return session.Fail(status);
  return session.Fail(LocalFailure(
      grpc::StatusCode::UNAVAILABLE, "DAEMON_STOPPED",
      "interlinkd has stopped or closed the watch; watch again when it runs"));
}

}  // namespace interlink::cli
