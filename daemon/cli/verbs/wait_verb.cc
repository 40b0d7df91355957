#include <chrono>
#include <optional>
#include <string>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/row.h"
#include "daemon/cli/show/terminal.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

using InterlinkStub = v1::InterlinkService::Stub;

constexpr std::chrono::seconds kDefaultPatience(60);

bool IsRemoved(const v1::Interlink& row) {
  return row.state() == v1::INTERLINK_STATE_REMOVED;
}

bool IsAsAwaited(const v1::Interlink& row, const std::string& awaited) {
  return awaited == (IsRemoved(row) ? "removed" : ColourWord(row.indicator()));
}

// Why `row` can never become as awaited; OK if it still can.
grpc::Status CheckHope(const v1::Interlink& row) {
  if (IsRemoved(row)) {
    return LocalFailure(grpc::StatusCode::NOT_FOUND, "LINK_NOT_FOUND",
                        "the interlink was removed; to be linked again, "
                        "exchange a new key");
  }
  if (row.state() != v1::INTERLINK_STATE_FAILED) return grpc::Status::OK;
  return LocalFailure(grpc::StatusCode::FAILED_PRECONDITION,
                      row.last_error().reason(), row.last_error().message());
}

// Waits until `row` is as awaited, or says why it cannot be.
grpc::Status Await(Session& session, const std::string& awaited,
                   v1::Interlink* row) {
  if (IsAsAwaited(*row, awaited)) return grpc::Status::OK;
  grpc::ClientContext context;
  session.api.SetDeadline(context, kDefaultPatience);
  const PipeWatch pipe_watch(session.console.out_descriptor,
                             [&context] { context.TryCancel(); });
  const auto watch =
      session.api.stub<InterlinkStub>().WatchInterlinks(&context, {});
  v1::WatchInterlinksResponse event;
  bool was_seen = false;
  std::optional<grpc::Status> outcome;
  while (!outcome && watch->Read(&event)) {
    if (event.current() && !was_seen) {
      row->set_state(v1::INTERLINK_STATE_REMOVED);
    } else if (event.interlink().id() == row->id()) {
      *row = event.interlink();
      was_seen = true;
    } else {
      continue;
    }
    if (IsAsAwaited(*row, awaited)) {
      outcome = grpc::Status::OK;
    } else if (const auto hope = CheckHope(*row); !hope.ok()) {
      outcome = hope;
    }
  }
  if (outcome) context.TryCancel();
  const grpc::Status end = watch->Finish();
  if (outcome) return *outcome;
  if (end.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) return end;
  return LocalFailure(grpc::StatusCode::UNAVAILABLE, "STILL_WAITING",
                      "the time is up; " + Clean(row->name()) + " is still " +
                          std::string(ColourWord(row->indicator())) + ": " +
                          StateInWords(*row, session.console.now()));
}

}  // namespace

ExitCode Wait(Session& session, const Arguments& arguments) {
  v1::GetInterlinkResponse response;
  v1::Interlink* row = response.mutable_interlink();
  grpc::Status status = session.api.FindInterlink(arguments.name, row);
  if (status.ok()) {
    status = Await(session, arguments.awaited, row);
  } else if (status.error_code() == grpc::StatusCode::NOT_FOUND &&
             arguments.awaited == "removed") {
    // A name that no row ever had is a typing error.
    status = session.api.FindRemoved(arguments.name, row);
  }
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  session.console.out << RowInOneLine(*row, session.console.now(),
                                      session.console.HasColour())
                      << '\n';
  return ExitCode::kDone;
}

}  // namespace interlink::cli
