#include <string>

#include "daemon/cli/show/row.h"
#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

void AddText(Table& table, const std::string& name, const std::string& text) {
  if (!text.empty()) table.AddRow({name, Clean(text)});
}

void AddTime(Table& table, const std::string& name, bool is_known,
             const google::protobuf::Timestamp& time, Time now) {
  if (!is_known) return;
  const Time then = ToTime(time);
  table.AddRow({name, "at " + ClockTime(then, now) +
                          (then > now ? "" : ", " + AgoInWords(then, now))});
}

void PrintRow(const Console& console, const v1::Interlink& row) {
  const Time now = console.now();
  console.out << RowInOneLine(row, now, console.HasColour()) << '\n';
  const std::string trouble = TroubleInWords(row, now);
  Table table({"  id", Clean(row.id())});
  AddText(table, "  trouble", trouble);
  AddText(table, "  account", row.peer_account_name());
  AddText(table, "  account id", row.peer_account_id());
  const bool is_issuer = row.role() == v1::INTERLINK_ROLE_ISSUER;
  AddText(table, is_issuer ? "  linked from" : "  linked at",
          row.linked_from());
  AddText(table, "  address by hand", row.manual_address());
  AddText(table, "  this side",
          is_issuer ? "generated the key" : "entered the key");
  AddText(table, "  priority", std::to_string(row.priority()));
  AddText(table, "  prefix", row.dial_prefix());
  if (row.has_health_since_time()) {
    table.AddRow(
        {"  health", SinceInWords(ToTime(row.health_since_time()), now)});
  }
  AddTime(table, "  last answer", row.has_last_answer_time(),
          row.last_answer_time(), now);
  AddTime(table, "  made", row.has_create_time(), row.create_time(), now);
  AddTime(table, "  linked", row.has_establish_time(), row.establish_time(),
          now);
  AddTime(table, "  key expires", row.has_key_expire_time(),
          row.key_expire_time(), now);
  AddTime(table, "  removed", row.has_remove_time(), row.remove_time(), now);
  table.Print(console.out);
}

}  // namespace

ExitCode Show(Session& session, const Arguments& arguments) {
  v1::GetInterlinkResponse response;
  v1::Interlink* row = response.mutable_interlink();
  grpc::Status status = session.api.FindInterlink(arguments.name, row);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    status = session.api.FindRemoved(arguments.name, row);
  }
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  PrintRow(session.console, response.interlink());
  return ExitCode::kDone;
}

}  // namespace interlink::cli
