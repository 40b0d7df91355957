#include <csignal>
#include <cstdlib>
#include <map>
#include <string>

#include "daemon/cli/failure.h"
#include "daemon/cli/row.h"
#include "daemon/cli/text.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/when.h"

namespace interlink::cli {
namespace {

// The rows as last seen, and what is worth a line about the next.
class WatchedRows {
 public:
  explicit WatchedRows(const Console& console) : console_(console) {}

  void Show(const v1::WatchInterlinksResponse& event) {
    if (event.current()) {
      is_current_ = true;
      if (rows_.empty()) console_.out << "No interlinks yet." << std::endl;
      return;
    }
    const v1::Interlink& row = event.interlink();
    const Time now = console_.now();
    const auto known = rows_.find(row.id());
    std::string words = known == rows_.end()
                            ? FirstWords(row, now)
                            : ChangeInWords(known->second, row, now);
    if (!words.empty()) {
      console_.out << ClockTime(now, now) << ' '
                   << Circle(row.indicator(), console_.HasColour())
                   << Clean(row.name()) << ": " << words << std::endl;
    }
    if (row.state() == v1::INTERLINK_STATE_REMOVED) {
      rows_.erase(row.id());
    } else {
      rows_[row.id()] = row;
    }
  }

 private:
  std::string FirstWords(const v1::Interlink& row, Time now) const {
    std::string words = (is_current_ ? "new: " : "") + StateInWords(row, now);
    const std::string trouble = TroubleInWords(row, now);
    return trouble.empty() ? words : words + "; " + trouble;
  }

  const Console& console_;
  std::map<std::string, v1::Interlink> rows_;
  bool is_current_ = false;
};

// Ctrl-C is how a watch is meant to end. Every line was flushed when it was
// written, so there is nothing to tidy up.
void LeaveOnInterrupt() {
  std::signal(SIGINT, [](int) { std::_Exit(0); });
}

}  // namespace

ExitCode Watch(Session& session, const Arguments&) {
  LeaveOnInterrupt();
  grpc::ClientContext context;
  const auto reader =
      session.api.stub<v1::InterlinkService::Stub>().WatchInterlinks(&context,
                                                                     {});
  WatchedRows rows(session.console);
  v1::WatchInterlinksResponse event;
  bool has_begun = false;
  while (reader->Read(&event)) {
    has_begun = true;
    if (session.json()) {
      session.PrintJson(event);
    } else {
      rows.Show(event);
    }
    // Nobody reads any more, as after `watch | head`.
    if (!session.console.out) context.TryCancel();
  }
  const grpc::Status status = reader->Finish();
  if (!session.console.out) return ExitCode::kInternal;
  const bool stopped =
      status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE;
  if (!has_begun || !stopped) return session.Fail(status);
  return session.Fail(LocalFailure(
      grpc::StatusCode::UNAVAILABLE, "DAEMON_STOPPED",
      "interlinkd has stopped or closed the watch; watch again when it runs"));
}

}  // namespace interlink::cli
