#include "store/records.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace interlink::store {
namespace {

using Kind = v1::StoredRecord::RecordCase;

constexpr size_t kSequenceDigits = 16;

// Where a kind of record lies in a StoredRecord.
template <Kind kind, auto mutable_field>
struct FieldOf {
  static constexpr Kind kKind = kind;
  static constexpr auto kMutable = mutable_field;
};
template <class Record>
struct Field;
template <>
struct Field<v1::FormatRecord>
    : FieldOf<Kind::kFormat, &v1::StoredRecord::mutable_format> {};
template <>
struct Field<v1::AccountRecord>
    : FieldOf<Kind::kAccount, &v1::StoredRecord::mutable_account> {};
template <>
struct Field<v1::InterlinkRecord>
    : FieldOf<Kind::kInterlink, &v1::StoredRecord::mutable_interlink> {};
template <>
struct Field<v1::OutboxRecord>
    : FieldOf<Kind::kOutbox, &v1::StoredRecord::mutable_outbox> {};
template <>
struct Field<v1::NumberRecord>
    : FieldOf<Kind::kNumber, &v1::StoredRecord::mutable_number> {};
template <>
struct Field<v1::EventRecord>
    : FieldOf<Kind::kEvent, &v1::StoredRecord::mutable_event> {};
template <>
struct Field<v1::DirectoryRecord>
    : FieldOf<Kind::kDirectory, &v1::StoredRecord::mutable_directory> {};
template <>
struct Field<v1::StartsRecord>
    : FieldOf<Kind::kStarts, &v1::StoredRecord::mutable_starts> {};
template <>
struct Field<v1::GenerationRecord>
    : FieldOf<Kind::kGeneration, &v1::StoredRecord::mutable_generation> {};

std::string Key(std::string_view prefix, std::string_view rest) {
  return std::string(prefix) += rest;
}

// What follows `prefix` in `key`; nullopt if it does not begin so.
std::optional<std::string_view> After(std::string_view prefix,
                                      std::string_view key) {
  if (!key.starts_with(prefix)) return std::nullopt;
  return key.substr(prefix.size());
}

}  // namespace

std::string InterlinkKey(InterlinkId id) {
  return Key(kInterlinkPrefix, id.ToHex());
}

std::string TombstoneKey(InterlinkId id) {
  return Key(kTombstonePrefix, id.ToHex());
}

std::string OutboxKey(InterlinkId id) { return Key(kOutboxPrefix, id.ToHex()); }

std::string NumberKey(InternalNumber number) {
  return Key(kNumberPrefix, number.ToString());
}

std::string EventKey(uint64_t sequence) {
  return Key(kEventPrefix, absl::StrCat(absl::Hex(sequence, absl::kZeroPad16)));
}

std::optional<InterlinkId> ParseIdKey(std::string_view prefix,
                                      std::string_view key) {
  const auto hex = After(prefix, key);
  return hex ? InterlinkId::FromHex(*hex) : std::nullopt;
}

std::optional<InternalNumber> ParseNumberKey(std::string_view key) {
  const auto digits = After(kNumberPrefix, key);
  return digits ? InternalNumber::Parse(*digits) : std::nullopt;
}

std::optional<uint64_t> ParseEventKey(std::string_view key) {
  const auto digits = After(kEventPrefix, key);
  if (!digits || digits->size() != kSequenceDigits) return std::nullopt;
  if (digits->find_first_not_of(kHexDigits) != digits->npos) {
    return std::nullopt;
  }
  uint64_t sequence = 0;
  std::from_chars(digits->data(), digits->data() + digits->size(), sequence,
                  16);
  return sequence;
}

template <class Record>
std::string Encode(const Record& record) {
  v1::StoredRecord stored;
  *(stored.*Field<Record>::kMutable)() = record;
  return stored.SerializeAsString();
}

template <class Record>
absl::StatusOr<Record> Decode(std::string_view value) {
  const auto damaged = [](const std::string& found) {
    return absl::DataLossError("expected " + Record().GetTypeName() +
                               ", found " + found);
  };
  v1::StoredRecord stored;
  if (!stored.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return damaged("bytes that are no record");
  }
  if (stored.record_case() != Field<Record>::kKind) {
    return damaged("field " + std::to_string(stored.record_case()) +
                   " of StoredRecord");
  }
  return std::move(*(stored.*Field<Record>::kMutable)());
}

template std::string Encode(const v1::FormatRecord&);
template absl::StatusOr<v1::FormatRecord> Decode(std::string_view);
template std::string Encode(const v1::AccountRecord&);
template absl::StatusOr<v1::AccountRecord> Decode(std::string_view);
template std::string Encode(const v1::InterlinkRecord&);
template absl::StatusOr<v1::InterlinkRecord> Decode(std::string_view);
template std::string Encode(const v1::OutboxRecord&);
template absl::StatusOr<v1::OutboxRecord> Decode(std::string_view);
template std::string Encode(const v1::NumberRecord&);
template absl::StatusOr<v1::NumberRecord> Decode(std::string_view);
template std::string Encode(const v1::EventRecord&);
template absl::StatusOr<v1::EventRecord> Decode(std::string_view);
template std::string Encode(const v1::DirectoryRecord&);
template absl::StatusOr<v1::DirectoryRecord> Decode(std::string_view);
template std::string Encode(const v1::StartsRecord&);
template absl::StatusOr<v1::StartsRecord> Decode(std::string_view);
template std::string Encode(const v1::GenerationRecord&);
template absl::StatusOr<v1::GenerationRecord> Decode(std::string_view);

google::protobuf::Timestamp ToTimestamp(WallTime time) {
  using std::chrono::nanoseconds;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds.time_since_epoch().count());
  timestamp.set_nanos(
      static_cast<int32_t>(nanoseconds(time - seconds).count()));
  return timestamp;
}

WallTime FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  using std::chrono::floor;
  using std::chrono::seconds;
  // A Timestamp reaches the year 9999, a WallTime of nanoseconds only 2262.
  constexpr auto kFirst = WallTime::min().time_since_epoch();
  constexpr auto kLast = WallTime::max().time_since_epoch();
  if (timestamp.seconds() <= floor<seconds>(kFirst).count()) {
    return WallTime::min();
  }
  if (timestamp.seconds() >= floor<seconds>(kLast).count()) {
    return WallTime::max();
  }
  // Anything but a part of a second is damage, and could lead out of range.
  const std::chrono::nanoseconds part(
      std::clamp(timestamp.nanos(), 0, 999'999'999));
  return WallTime(seconds(timestamp.seconds())) +
         std::chrono::duration_cast<WallTime::duration>(part);
}

}  // namespace interlink::store
