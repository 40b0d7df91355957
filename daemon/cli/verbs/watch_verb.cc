#include <map>
#include <string>

#include "daemon/cli/show/row.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/cli/verbs/verbs.h"
#include "daemon/cli/verbs/watch.h"

namespace interlink::cli {
namespace {

// The rows as last seen; prints a line for each change that matters.
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

}  // namespace

ExitCode Watch(Session& session, const Arguments&) {
  WatchedRows rows(session.console);
  return WatchStream<v1::WatchInterlinksResponse>(
      session,
      [&](grpc::ClientContext* context) {
        return session.api.stub<v1::InterlinkService::Stub>().WatchInterlinks(
            context, {});
      },
      [&](const v1::WatchInterlinksResponse& event) {
        if (session.json()) {
          session.PrintJson(event);
        } else {
          rows.Show(event);
        }
        return true;
      });
}

}  // namespace interlink::cli
