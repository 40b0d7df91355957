#include "federation/event_log.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "federation/paging.h"
#include "federation/reason.h"
#include "federation/reread.h"

namespace interlink::federation {
namespace {

api::Event Show(uint64_t sequence, const store::v1::EventRecord& record) {
  api::Event event;
  event.set_sequence(static_cast<int64_t>(sequence));
  *event.mutable_time() = record.time();
  event.set_kind(record.kind());
  event.set_actor(record.actor());
  if (auto id = store::InterlinkId::FromBytes(record.interlink_id())) {
    event.set_interlink_id(id->ToHex());
  }
  event.set_interlink_name(record.interlink_name());
  event.set_message(record.message());
  return event;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> EventLog::Open(
    store::Database& database) {
  std::unique_ptr<EventLog> log(new EventLog(database));
  log->subscription_ = database.Follow(
      std::string(store::kEventPrefix),
      {.on_commit = [log = log.get()](
                        store::Revision,
                        const auto& changes) { log->Apply(changes); },
       .on_reset = [log = log.get()] { CheckReread(log->Load()); },
       .tell = [log = log.get()] { log->Tell(); }});
  if (auto s = log->Load(); !s.ok()) return s;
  log->told_ = log->last_;
  return log;
}

absl::Status EventLog::Load() {
  auto entries = database_.Scan(store::kEventPrefix);
  if (!entries.ok()) return StoreRefusal(entries.status());
  first_ = 1;
  last_ = 0;
  if (entries->empty()) return absl::OkStatus();
  first_ = store::ParseEventKey(entries->front().key).value_or(1);
  last_ = store::ParseEventKey(entries->back().key).value_or(0);
  return absl::OkStatus();
}

void EventLog::Apply(const std::vector<store::Change>& changes) {
  for (const store::Change& change : changes) {
    const auto sequence = store::ParseEventKey(change.key);
    if (!sequence) continue;
    if (change.value) {
      last_ = std::max(last_, *sequence);
    } else {
      first_ = std::max(first_, *sequence + 1);
    }
  }
}

void EventLog::Tell() {
  while (told_ < last_) observers_.Tell(++told_);
}

void EventLog::Append(const std::vector<store::v1::EventRecord>& events,
                      std::vector<store::Op>& ops) const {
  uint64_t last = last_;
  for (const auto& event : events) {
    ops.push_back(
        store::Op::Put(store::EventKey(++last), store::Encode(event)));
  }
  for (uint64_t old = first_; old + kMaxEvents <= last; ++old) {
    ops.push_back(store::Op::Delete(store::EventKey(old)));
  }
}

absl::StatusOr<api::ListEventsResponse> EventLog::List(
    const api::ListEventsRequest& request) const {
  // The token is the sequence of the last event shown.
  uint64_t before = last_ + 1;
  if (!request.page_token().empty()) {
    const std::string& token = request.page_token();
    auto [end, error] =
        std::from_chars(token.data(), token.data() + token.size(), before);
    if (error != std::errc() || end != token.data() + token.size()) {
      return BadPageToken();
    }
    before = std::min(before, last_ + 1);
  }
  const size_t size = PageSize(request.page_size());
  api::ListEventsResponse response;
  uint64_t sequence = before;
  while (sequence > first_ &&
         static_cast<size_t>(response.events_size()) < size) {
    --sequence;
    auto entry = database_.Get(store::EventKey(sequence));
    if (!entry.ok()) return StoreRefusal(entry.status());
    if (!*entry) continue;
    auto record = store::Decode<store::v1::EventRecord>((*entry)->value);
    if (!record.ok()) return StoreRefusal(record.status());
    *response.add_events() = Show(sequence, *record);
  }
  if (sequence > first_ && response.events_size() > 0) {
    response.set_next_page_token(std::to_string(sequence));
  }
  return response;
}

absl::StatusOr<std::optional<api::Event>> EventLog::Next(
    uint64_t sequence) const {
  const uint64_t after = std::max(sequence, first_ - 1);
  auto entries = database_.Scan(store::kEventPrefix, store::EventKey(after), 1);
  if (!entries.ok()) return StoreRefusal(entries.status());
  if (entries->empty()) return std::nullopt;
  auto record = store::Decode<store::v1::EventRecord>(entries->front().value);
  if (!record.ok()) return StoreRefusal(record.status());
  return Show(store::ParseEventKey(entries->front().key).value_or(after + 1),
              *record);
}

}  // namespace interlink::federation
