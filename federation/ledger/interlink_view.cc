#include "federation/ledger/interlink_view.h"

#include <optional>
#include <set>

#include "federation/base/paging.h"
#include "google/protobuf/util/time_util.h"

namespace interlink::federation {
namespace {

using google::protobuf::util::TimeUtil;

api::Indicator IndicatorOf(const Row& row) {
  switch (row.record.state()) {
    case store::v1::ROW_STATE_PENDING:
    case store::v1::ROW_STATE_LINKING:
      return api::INDICATOR_GREY;
    case store::v1::ROW_STATE_ESTABLISHED:
      if (row.health == api::INTERLINK_HEALTH_CONNECTED) {
        return api::INDICATOR_GREEN;
      }
      if (row.health == api::INTERLINK_HEALTH_ORPHANED) {
        return api::INDICATOR_RED;
      }
      return api::INDICATOR_AMBER;
    default:
      return api::INDICATOR_RED;
  }
}

// The fields that rows and tombstones share.
api::Interlink ShowRecord(const store::v1::InterlinkRecord& record) {
  api::Interlink shown;
  if (auto id = store::InterlinkId::FromBytes(record.id())) {
    shown.set_id(id->ToHex());
  }
  shown.set_name(record.name());
  shown.set_state(static_cast<api::InterlinkState>(record.state()));
  shown.set_role(record.has_issued_key() ? api::INTERLINK_ROLE_ISSUER
                                         : api::INTERLINK_ROLE_REDEEMER);
  if (auto peer = store::AccountId::FromBytes(record.peer().account_id())) {
    shown.set_peer_account_id(peer->ToHex());
  }
  shown.set_peer_account_name(record.peer().account_name());
  shown.set_linked_from(record.linked_from());
  shown.set_priority(static_cast<int32_t>(record.priority()));
  shown.set_paused(record.paused());
  shown.set_manual_address(record.manual_address());
  shown.set_dial_prefix(record.dial_prefix());
  *shown.mutable_create_time() = record.create_time();
  if (record.has_establish_time()) {
    *shown.mutable_establish_time() = record.establish_time();
  }
  return shown;
}

}  // namespace

std::string TitleOf(std::string_view name, store::InterlinkId id) {
  std::string quoted;
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return "interlink \"" + quoted + "\" " + id.ToHex();
}

api::Interlink ShowInterlink(const Row& row) {
  api::Interlink shown = ShowRecord(row.record);
  shown.set_health(row.health);
  shown.set_indicator(IndicatorOf(row));
  if (row.health != api::INTERLINK_HEALTH_UNSPECIFIED) {
    *shown.mutable_health_since_time() = store::ToTimestamp(row.health_since);
  }
  if (row.Is(store::v1::ROW_STATE_FAILED)) {
    shown.mutable_last_error()->set_reason(row.record.failure().reason());
    shown.mutable_last_error()->set_message(row.record.failure().message());
  } else if (!row.last_error_reason.empty()) {
    shown.mutable_last_error()->set_reason(row.last_error_reason);
    shown.mutable_last_error()->set_message(row.last_error);
  }
  if (row.next_try) {
    *shown.mutable_next_try_time() = store::ToTimestamp(*row.next_try);
  }
  if (row.round_trip) {
    *shown.mutable_round_trip() = TimeUtil::NanosecondsToDuration(
        std::chrono::nanoseconds(*row.round_trip).count());
  }
  if (row.last_answer) {
    *shown.mutable_last_answer_time() = store::ToTimestamp(*row.last_answer);
  }
  if (row.record.has_issued_key() && row.Is(store::v1::ROW_STATE_PENDING) &&
      row.record.issued_key().has_expire_time()) {
    *shown.mutable_key_expire_time() = row.record.issued_key().expire_time();
  }
  return shown;
}

api::Interlink ShowTombstone(const store::v1::InterlinkRecord& record) {
  api::Interlink shown = ShowRecord(record);
  shown.set_indicator(api::INDICATOR_RED);
  *shown.mutable_remove_time() = record.removal().time();
  return shown;
}

absl::StatusOr<api::Interlink> GetInterlink(const Interlinks& interlinks,
                                            std::string_view text) {
  auto id = ParseInterlinkId(text);
  if (!id.ok()) return id.status();
  if (const Row* row = interlinks.Find(*id)) return ShowInterlink(*row);
  auto tombstone = interlinks.FindTombstone(*id);
  if (!tombstone.ok()) return tombstone.status();
  if (!*tombstone) return NoSuchInterlink();
  return ShowTombstone(**tombstone);
}

absl::StatusOr<api::ListInterlinksResponse> ListInterlinks(
    const Interlinks& interlinks, const api::ListInterlinksRequest& request) {
  // The default is before every row.
  std::optional<RowAge> after = RowAge{};
  if (!request.page_token().empty()) {
    after = RowAge::Parse(request.page_token());
    if (!after) return BadPageToken();
  }
  const std::set<RowAge>& listed = interlinks.by_age();
  const std::set<RowAge>& removed = interlinks.removed_by_age();
  auto row = listed.upper_bound(*after);
  auto tombstone =
      request.show_removed() ? removed.upper_bound(*after) : removed.end();
  api::ListInterlinksResponse response;
  const auto size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  while (row != listed.end() || tombstone != removed.end()) {
    if (static_cast<size_t>(response.interlinks_size()) == *size) {
      response.set_next_page_token(after->ToText());
      break;
    }
    const bool is_row = tombstone == removed.end() ||
                        (row != listed.end() && *row < *tombstone);
    after = is_row ? *row++ : *tombstone++;
    if (is_row) {
      *response.add_interlinks() = ShowInterlink(*interlinks.Find(after->id));
      continue;
    }
    auto record = interlinks.FindTombstone(after->id);
    if (!record.ok()) return record.status();
    if (*record) *response.add_interlinks() = ShowTombstone(**record);
  }
  return response;
}

}  // namespace interlink::federation
