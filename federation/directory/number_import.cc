#include "federation/directory/number_import.h"

#include <string>
#include <utility>

#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/directory/number_record.h"
#include "federation/directory/number_transaction.h"

namespace interlink::federation {
namespace {

constexpr int kMaxRefusalsListed = 1000;

// The fields that a line without a mask sets: those with a value. An empty text
// and `false` cannot be told from a field that was left out.
google::protobuf::FieldMask FieldsNotEmpty(const api::Number& wanted) {
  google::protobuf::FieldMask mask;
  if (!wanted.name().empty()) mask.add_paths("name");
  if (!wanted.destination().empty()) mask.add_paths("destination");
  if (!wanted.contact().empty()) mask.add_paths("contact");
  if (wanted.private_()) mask.add_paths("private");
  return mask;
}

// The fields that `entry` sets, over what `record` has.
absl::Status SetFields(const api::ImportNumbersRequest::Entry& entry,
                       store::InternalNumber number,
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

NumberImport::NumberImport(const Draft& draft, const Directory& directory,
                           const AccountSettings& settings, WallTime now,
                           size_t count)
    : draft_(draft),
      directory_(directory),
      settings_(settings),
      now_(now),
      count_(count) {}

absl::Status NumberImport::Add(const Entry& entry) {
  auto number = ParseNumber(entry.number().number());
  if (!number.ok()) return number.status();
  const auto earlier = puts_.find(*number);
  const bool is_repeated = earlier != puts_.end();
  std::optional<store::v1::NumberRecord> stored;
  store::v1::NumberRecord before;
  if (is_repeated) {
    before = earlier->second.record;
  } else {
    auto read = NumberIn(draft_.Get(store::NumberKey(*number)));
    if (!read.ok()) return read.status();
    stored = *std::move(read);
    if (stored) {
      before = *stored;
    } else if (auto s = SetName("", *number, before); !s.ok()) {
      return s;
    }
  }
  const bool is_new = !is_repeated && !stored;
  store::v1::NumberRecord record = before;
  if (auto s = SetFields(entry, *number, record); !s.ok()) return s;
  if (auto s = CheckNewContact(before.contact(), record.contact(), settings_);
      !s.ok()) {
    return s;
  }
  if (stored && SameContents(before, record)) {
    ++unchanged_;
    return absl::OkStatus();
  }
  *record.mutable_update_time() = store::ToTimestamp(now_);
  if (is_new) *record.mutable_create_time() = record.update_time();
  if (!is_new && before.private_() != record.private_()) {
    ++(record.private_() ? made_private_ : made_shared_);
  }
  if (is_new &&
      count_ + created_ >= static_cast<size_t>(settings_.max_numbers)) {
    return TooManyNumbers(count_);
  }
  ++(is_new ? created_ : updated_);
  if (is_repeated) {
    earlier->second.record = std::move(record);
  } else {
    puts_.emplace(*number, Put{std::move(stored), std::move(record)});
  }
  return absl::OkStatus();
}

absl::StatusOr<Decided<api::ImportNumbersResponse>> NumberImport::Run(
    const api::ImportNumbersRequest& chunk) {
  api::ImportNumbersResponse outcome;
  for (const Entry& entry : chunk.entries()) {
    const absl::Status status = Add(entry);
    if (status.ok()) continue;
    const Reason reason = ReasonOf(status).value_or(Reason::kStoreUnavailable);
    if (reason == Reason::kStoreUnavailable) return status;
    auto& refusal = *outcome.add_refusals();
    refusal.set_line(entry.line());
    refusal.set_reason(std::string(ReasonName(reason)));
    refusal.set_message(std::string(SentenceOf(status)));
  }
  outcome.set_refused_count(outcome.refusals_size());
  if (outcome.refused_count() > 0) {
    outcome.set_skipped_count(chunk.entries_size());
    return Decided<api::ImportNumbersResponse>{std::move(outcome), {}};
  }
  outcome.set_created_count(static_cast<int64_t>(created_));
  outcome.set_updated_count(static_cast<int64_t>(updated_));
  outcome.set_unchanged_count(static_cast<int64_t>(unchanged_));
  auto changes = chunk.validate_only() ? Changes() : Finish();
  if (!changes.ok()) return changes.status();
  return Decided<api::ImportNumbersResponse>{std::move(outcome),
                                             *std::move(changes)};
}

absl::StatusOr<Changes> NumberImport::Finish() const {
  if (puts_.empty()) return Changes();
  NumberTransaction transaction(draft_, directory_);
  for (const auto& [number, put] : puts_) {
    transaction.Put(number, put.before, put.record);
  }
  // The chunks of one import are one event; the log adds up the counts and
  // writes the words.
  store::v1::EventRecord event = NumberEvent("NUMBERS_IMPORTED", "", now_);
  store::v1::ImportCounts& counts = *event.mutable_imported();
  counts.set_added(created_);
  counts.set_changed(updated_);
  counts.set_made_private(made_private_);
  counts.set_made_shared(made_shared_);
  transaction.Tell(std::move(event));
  return transaction.Finish();
}

absl::StatusOr<size_t> CountIn(const Draft& draft, const Directory& directory) {
  const auto growth = draft.Growth(store::kNumberPrefix);
  if (!growth.ok()) return StoreRefusal(growth.status());
  return directory.size() + static_cast<size_t>(*growth);
}

void AddChunk(api::ImportNumbersResponse chunk,
              api::ImportNumbersResponse& summary) {
  for (auto& refusal : *chunk.mutable_refusals()) {
    if (summary.refusals_size() >= kMaxRefusalsListed) break;
    *summary.add_refusals() = std::move(refusal);
  }
  summary.set_refused_count(summary.refused_count() + chunk.refused_count());
  summary.set_skipped_count(summary.skipped_count() + chunk.skipped_count());
  summary.set_created_count(summary.created_count() + chunk.created_count());
  summary.set_updated_count(summary.updated_count() + chunk.updated_count());
  summary.set_unchanged_count(summary.unchanged_count() +
                              chunk.unchanged_count());
}

}  // namespace interlink::federation
