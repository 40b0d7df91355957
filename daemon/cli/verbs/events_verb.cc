#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/cli/verbs/verbs.h"
#include "daemon/cli/verbs/watch.h"

namespace interlink::cli {
namespace {

using DaemonStub = v1::DaemonService::Stub;

constexpr int kShownBeforeFollowing = 10;
// Of the 10 000 events that a daemon keeps.
constexpr std::chrono::seconds kTimeToExport{60};

// Equal events are kept as one, with their number and the last one's time.
Time LastTimeOf(const v1::Event& event) {
  return ToTime(event.has_last_time() ? event.last_time() : event.time());
}
std::string WhatOf(const v1::Event& event, Time now) {
  std::string what = Clean(event.message());
  if (event.count() > 1) {
    what += " (" + std::to_string(event.count()) + " times since " +
            ClockTime(ToTime(event.time()), now) + ")";
  }
  return what;
}

void PrintTable(const Session& session, const v1::ListEventsResponse& all) {
  const Time now = session.console.now();
  std::vector<std::string> headings = {"TIME", "EVENT", "WHO", "INTERLINK",
                                       "WHAT"};
  if (session.is_verbose) headings.insert(headings.begin() + 4, "ID");
  Table table(std::move(headings));
  for (const v1::Event& event : all.events()) {
    std::vector<std::string> cells = {ClockTime(LastTimeOf(event), now),
                                      Clean(event.kind()), Clean(event.actor()),
                                      Clean(event.interlink_name()),
                                      WhatOf(event, now)};
    if (session.is_verbose) {
      cells.insert(cells.begin() + 4, Clean(event.interlink_id()));
    }
    table.AddRow(std::move(cells));
  }
  table.Print(session.console.out);
}

void PrintLine(const Session& session, const v1::Event& event) {
  std::ostream& out = session.console.out;
  const Time now = session.console.now();
  out << ClockTime(LastTimeOf(event), now) << ' ' << Clean(event.kind())
      << " by " << Clean(event.actor());
  if (!event.interlink_name().empty()) {
    out << ", " << Clean(event.interlink_name());
    if (session.is_verbose) out << " (" << Clean(event.interlink_id()) << ')';
  }
  out << ": " << WhatOf(event, now) << std::endl;
}

// Shows the last events, and then each new one as it happens.
ExitCode Follow(Session& session, const Arguments& arguments) {
  v1::ListEventsRequest newest;
  newest.set_page_size(1);
  v1::ListEventsResponse list;
  const grpc::Status status =
      session.api.Call(&DaemonStub::ListEvents, newest, &list);
  if (!status.ok()) return session.Fail(status);
  const int64_t last = list.events().empty() ? 0 : list.events(0).sequence();
  const int shown =
      arguments.limit > 0 ? arguments.limit : kShownBeforeFollowing;
  v1::WatchEventsRequest request;
  request.set_after_sequence(std::max<int64_t>(last - shown, 0));
  return WatchStream<v1::WatchEventsResponse>(
      session,
      [&](grpc::ClientContext* context) {
        return session.api.stub<DaemonStub>().WatchEvents(context, request);
      },
      [&](const v1::WatchEventsResponse& step) {
        if (session.json()) {
          session.PrintJson(step);
        } else if (step.has_event()) {
          PrintLine(session, step.event());
        }
        return true;
      });
}

// Prints events as JSON lines, for programs that keep them. Without --follow
// they take what was printed for all there are, so less is an error.
ExitCode Export(Session& session, const Arguments& arguments) {
  v1::WatchEventsRequest request;
  request.set_after_sequence(arguments.after);
  return WatchStream<v1::WatchEventsResponse>(
      session,
      [&](grpc::ClientContext* context) {
        return session.api.stub<DaemonStub>().WatchEvents(context, request);
      },
      [&](const v1::WatchEventsResponse& step) {
        if (step.has_event()) session.PrintJson(step.event());
        return arguments.follow || !step.current();
      },
      arguments.follow ? std::nullopt : std::optional(kTimeToExport));
}

}  // namespace

ExitCode Events(Session& session, const Arguments& arguments) {
  if (arguments.is_export) return Export(session, arguments);
  if (arguments.follow) return Follow(session, arguments);
  v1::ListEventsResponse all;
  v1::ListEventsRequest request;
  grpc::Status status;
  if (arguments.limit > 0 && arguments.limit <= 1000) {
    request.set_page_size(arguments.limit);
    status = session.api.Call(&DaemonStub::ListEvents, request, &all);
    all.clear_next_page_token();
  } else {
    status =
        session.api.CallForAllPages(&DaemonStub::ListEvents, request, &all);
    if (arguments.limit > 0 && all.events_size() > arguments.limit) {
      all.mutable_events()->DeleteSubrange(arguments.limit,
                                           all.events_size() - arguments.limit);
    }
  }
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(all);
  if (all.events().empty()) {
    session.console.out << "Nothing has happened yet.\n";
    return ExitCode::kDone;
  }
  PrintTable(session, all);
  return ExitCode::kDone;
}

}  // namespace interlink::cli
