// Numbers::Import: many lines at once, a chunk as a whole or not at all.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/directory/number_record.h"
#include "federation/directory/numbers.h"

namespace interlink::federation {
namespace {

using Entry = api::ImportNumbersRequest::Entry;

constexpr int kMaxRefusalsListed = 1000;

// What a line without a mask sets: what it says something about. An empty text
// and `false` are what a field is that nobody has set, so they say nothing.
google::protobuf::FieldMask FieldsNotEmpty(const api::Number& wanted) {
  google::protobuf::FieldMask mask;
  if (!wanted.name().empty()) mask.add_paths("name");
  if (!wanted.destination().empty()) mask.add_paths("destination");
  if (!wanted.contact().empty()) mask.add_paths("contact");
  if (wanted.private_()) mask.add_paths("private");
  return mask;
}

// The fields that `entry` sets, over what `record` has.
absl::Status SetFields(const Entry& entry, store::InternalNumber number,
                       store::v1::NumberRecord& record) {
  const auto mask = entry.has_update_mask() ? entry.update_mask()
                                            : FieldsNotEmpty(entry.number());
  for (const std::string& path : mask.paths()) {
    auto status = SetField(path, entry.number(), number, record);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

// What one chunk would do, line by line; the last line of a number wins.
struct Numbers::Chunk {
  std::map<store::InternalNumber, store::v1::NumberRecord> puts;
  size_t created = 0;
  size_t updated = 0;
  size_t made_private = 0;
  size_t made_shared = 0;
  size_t unchanged = 0;
};

absl::Status Numbers::AddLine(const Entry& entry, WallTime now,
                              Chunk& chunk) const {
  auto number = ParseNumber(entry.number().number());
  if (!number.ok()) return number.status();
  auto stored = Find(*number);
  if (!stored.ok()) return stored.status();
  const auto earlier = chunk.puts.find(*number);
  const bool is_repeated = earlier != chunk.puts.end();
  const bool is_new = !is_repeated && !*stored;
  store::v1::NumberRecord before;
  if (is_repeated) {
    before = earlier->second;
  } else if (*stored) {
    before = (*stored)->record;
  } else if (auto s = SetName("", *number, before); !s.ok()) {
    return s;
  }
  store::v1::NumberRecord record = before;
  if (auto s = SetFields(entry, *number, record); !s.ok()) return s;
  if (!is_new && !is_repeated && SameContents(before, record)) {
    ++chunk.unchanged;
    return absl::OkStatus();
  }
  *record.mutable_update_time() = store::ToTimestamp(now);
  if (is_new) *record.mutable_create_time() = record.update_time();
  if (!is_new && before.private_() != record.private_()) {
    ++(record.private_() ? chunk.made_private : chunk.made_shared);
  }
  if (is_new &&
      size() + chunk.created >= static_cast<size_t>(settings_.max_numbers)) {
    return LimitReached();
  }
  ++(is_new ? chunk.created : chunk.updated);
  chunk.puts.insert_or_assign(*number, std::move(record));
  return absl::OkStatus();
}

absl::Status Numbers::Import(const api::ImportNumbersRequest& request,
                             api::ImportNumbersResponse& summary) {
  const WallTime now = loop_.WallNow();
  Chunk chunk;
  int64_t refused = 0;
  for (const auto& entry : request.entries()) {
    absl::Status status = AddLine(entry, now, chunk);
    if (status.ok()) continue;
    const Reason reason = ReasonOf(status).value_or(Reason::kStoreUnavailable);
    if (reason == Reason::kStoreUnavailable) return status;
    ++refused;
    if (summary.refusals_size() >= kMaxRefusalsListed) continue;
    auto& refusal = *summary.add_refusals();
    refusal.set_line(entry.line());
    refusal.set_reason(std::string(ReasonName(reason)));
    refusal.set_message(std::string(SentenceOf(status)));
  }
  summary.set_refused_count(summary.refused_count() + refused);
  if (refused > 0) {
    summary.set_skipped_count(summary.skipped_count() + request.entries_size());
    return absl::OkStatus();
  }
  if (!request.validate_only()) {
    if (auto s = Store(chunk, now); !s.ok()) return s;
  }
  summary.set_created_count(summary.created_count() +
                            static_cast<int64_t>(chunk.created));
  summary.set_updated_count(summary.updated_count() +
                            static_cast<int64_t>(chunk.updated));
  summary.set_unchanged_count(summary.unchanged_count() +
                              static_cast<int64_t>(chunk.unchanged));
  return absl::OkStatus();
}

absl::Status Numbers::Store(Chunk& chunk, WallTime now) {
  if (chunk.puts.empty()) return absl::OkStatus();
  std::vector<store::Op> ops;
  DirectoryPosition position = directory_.position();
  for (const auto& [number, record] : chunk.puts) {
    Move(number, &record, position);
    ops.push_back(
        store::Op::Put(store::NumberKey(number), store::Encode(record)));
  }
  // One event of the whole import; the log writes its words.
  store::v1::EventRecord event = NumberEvent("NUMBERS_IMPORTED", "", now);
  store::v1::ImportCounts& counts = *event.mutable_imported();
  counts.set_added(chunk.created);
  counts.set_changed(chunk.updated);
  counts.set_made_private(chunk.made_private);
  counts.set_made_shared(chunk.made_shared);
  events_.Append({event}, ops);
  return Commit({}, position, std::move(ops));
}

}  // namespace interlink::federation
