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

absl::Status NumberImport::Add(const Entry& entry) {
  auto number = ParseNumber(entry.number().number());
  if (!number.ok()) return number.status();
  auto stored = ReadNumber(ledger_.database(), *number);
  if (!stored.ok()) return stored.status();
  const auto earlier = puts_.find(*number);
  const bool is_repeated = earlier != puts_.end();
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
  if (auto s = CheckNewContact(before.contact(), record.contact(), settings_);
      !s.ok()) {
    return s;
  }
  if (!is_new && !is_repeated && SameContents(before, record)) {
    ++unchanged_;
    return absl::OkStatus();
  }
  *record.mutable_update_time() = store::ToTimestamp(now_);
  if (is_new) *record.mutable_create_time() = record.update_time();
  if (!is_new && before.private_() != record.private_()) {
    ++(record.private_() ? made_private_ : made_shared_);
  }
  if (is_new && directory_.size() + created_ >=
                    static_cast<size_t>(settings_.max_numbers)) {
    return TooManyNumbers(directory_.size());
  }
  ++(is_new ? created_ : updated_);
  puts_.insert_or_assign(*number, std::move(record));
  return absl::OkStatus();
}

absl::Status NumberImport::Run(const api::ImportNumbersRequest& chunk,
                               api::ImportNumbersResponse& summary) {
  int64_t refused = 0;
  for (const Entry& entry : chunk.entries()) {
    const absl::Status status = Add(entry);
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
    summary.set_skipped_count(summary.skipped_count() + chunk.entries_size());
    return absl::OkStatus();
  }
  if (!chunk.validate_only()) {
    if (auto s = Store(); !s.ok()) return s;
  }
  summary.set_created_count(summary.created_count() +
                            static_cast<int64_t>(created_));
  summary.set_updated_count(summary.updated_count() +
                            static_cast<int64_t>(updated_));
  summary.set_unchanged_count(summary.unchanged_count() +
                              static_cast<int64_t>(unchanged_));
  return absl::OkStatus();
}

absl::Status NumberImport::Store() {
  if (puts_.empty()) return absl::OkStatus();
  NumberTransaction transaction(ledger_, directory_);
  for (const auto& [number, record] : puts_) transaction.Put(number, record);
  // The chunks of one import are one event; the log adds up the counts and
  // writes the words.
  store::v1::EventRecord event = NumberEvent("NUMBERS_IMPORTED", "", now_);
  store::v1::ImportCounts& counts = *event.mutable_imported();
  counts.set_added(created_);
  counts.set_changed(updated_);
  counts.set_made_private(made_private_);
  counts.set_made_shared(made_shared_);
  transaction.Tell(std::move(event));
  return transaction.Commit();
}

}  // namespace interlink::federation
