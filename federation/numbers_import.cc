// Numbers::Import: many lines at once, a chunk as a whole or not at all.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "federation/names.h"
#include "federation/number_record.h"
#include "federation/numbers.h"
#include "federation/reason.h"

namespace interlink::federation {
namespace {

constexpr int kMaxRefusalsListed = 1000;

}  // namespace

// What one chunk would do, line by line; the last line of a number wins.
struct Numbers::Chunk {
  std::map<store::InternalNumber, store::v1::NumberRecord> puts;
  std::vector<store::v1::EventRecord> events;
  size_t created = 0;
  size_t updated = 0;
  size_t unchanged = 0;
};

absl::Status Numbers::AddLine(const api::Number& wanted, WallTime now,
                              Chunk& chunk) const {
  auto number = ParseNumber(wanted.number());
  if (!number.ok()) return number.status();
  store::v1::NumberRecord record;
  if (auto s = SetAll(wanted, *number, record); !s.ok()) return s;
  auto stored = Find(*number);
  if (!stored.ok()) return stored.status();
  if (*stored && SameContents((*stored)->record, record) &&
      !chunk.puts.contains(*number)) {
    ++chunk.unchanged;
    return absl::OkStatus();
  }
  *record.mutable_update_time() = store::ToTimestamp(now);
  *record.mutable_create_time() =
      *stored ? (*stored)->record.create_time() : record.update_time();
  if (*stored && (*stored)->record.private_() != record.private_()) {
    chunk.events.push_back(PrivacyEvent(*number, record.private_(), now));
  }
  if (!*stored && !chunk.puts.contains(*number)) {
    if (size() + chunk.created >= static_cast<size_t>(settings_.max_numbers)) {
      return LimitReached();
    }
    ++chunk.created;
  } else {
    ++chunk.updated;
  }
  chunk.puts.insert_or_assign(*number, std::move(record));
  return absl::OkStatus();
}

absl::Status Numbers::Import(const api::ImportNumbersRequest& request,
                             api::ImportNumbersResponse& summary) {
  const WallTime now = loop_.WallNow();
  Chunk chunk;
  int64_t refused = 0;
  for (const auto& entry : request.entries()) {
    absl::Status status = AddLine(entry.number(), now, chunk);
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
  if (auto s = Store(chunk, now); !s.ok()) return s;
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
  chunk.events.push_back(
      NumberEvent("NUMBERS_IMPORTED",
                  std::to_string(chunk.created) + " added, " +
                      std::to_string(chunk.updated) + " changed",
                  now));
  events_.Append(chunk.events, ops);
  return Commit({}, position, std::move(ops));
}

}  // namespace interlink::federation
