#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/api/session.h"
#include "daemon/cli/show/terminal.h"

namespace interlink::cli {

// Shows a stream of the daemon, message by message, by `show`, which returns
// whether to go on. Ends well if not, by Ctrl-C or the --timeout, and when
// nobody reads any more, as after `watch | head`; it is an error if the daemon
// ends it. If `all_within` is given, `show` has to end it within that time or
// the --timeout, and another end is an error, because something is missing.
template <typename Response, typename Open, typename Show>
ExitCode WatchStream(
    Session& session, Open open, Show show,
    std::optional<std::chrono::seconds> all_within = std::nullopt) {
  if (!all_within) {
    // Every line was flushed when it was written, so nothing is left to do.
    std::signal(SIGINT, [](int) { std::_Exit(0); });
  }
  grpc::ClientContext context;
  session.api.SetDeadline(context, all_within);
  const PipeWatch pipe_watch(session.console.out_descriptor,
                             [&context] { context.TryCancel(); });
  const auto reader = open(&context);
  Response message;
  bool has_begun = false;
  bool is_wanted = true;
  while (is_wanted && reader->Read(&message)) {
    has_begun = true;
    is_wanted = show(message);
    if (!is_wanted || !session.console.out) context.TryCancel();
  }
  const grpc::Status status = reader->Finish();
  // The disk is full or the pipe closed; Run() says which.
  if (!session.console.out) return ExitCode::kInternal;
  if (!is_wanted) return ExitCode::kDone;
  if (!has_begun && !status.ok()) return session.Fail(status);
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED &&
      !all_within) {
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
