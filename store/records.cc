#include "store/records.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace interlink::store {
namespace {

using Kind = v1::StoredRecord::RecordCase;

constexpr size_t kSequenceDigits = 16;

// For messages; proto's own names would cost the full descriptor runtime.
std::string KindName(Kind kind) {
  switch (kind) {
    case Kind::kFormat:
      return "a format";
    case Kind::kAccount:
      return "an account";
    case Kind::kInterlink:
      return "an interlink";
    case Kind::kOutbox:
      return "an outbox";
    case Kind::kNumber:
      return "a number";
    case Kind::kEvent:
      return "an event";
    case Kind::kDirectory:
      return "a directory";
    case Kind::kStarts:
      return "a starts";
    case Kind::kGeneration:
      return "a generation";
    case Kind::RECORD_NOT_SET:
      break;
  }
  return "an unknown";
}

template <class Record>
struct Field;
template <>
struct Field<v1::FormatRecord> {
  static constexpr Kind kKind = Kind::kFormat;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_format;
};
template <>
struct Field<v1::AccountRecord> {
  static constexpr Kind kKind = Kind::kAccount;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_account;
};
template <>
struct Field<v1::InterlinkRecord> {
  static constexpr Kind kKind = Kind::kInterlink;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_interlink;
};
template <>
struct Field<v1::OutboxRecord> {
  static constexpr Kind kKind = Kind::kOutbox;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_outbox;
};
template <>
struct Field<v1::NumberRecord> {
  static constexpr Kind kKind = Kind::kNumber;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_number;
};
template <>
struct Field<v1::EventRecord> {
  static constexpr Kind kKind = Kind::kEvent;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_event;
};

template <>
struct Field<v1::DirectoryRecord> {
  static constexpr Kind kKind = Kind::kDirectory;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_directory;
};
template <>
struct Field<v1::StartsRecord> {
  static constexpr Kind kKind = Kind::kStarts;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_starts;
};
template <>
struct Field<v1::GenerationRecord> {
  static constexpr Kind kKind = Kind::kGeneration;
  static constexpr auto kMutable = &v1::StoredRecord::mutable_generation;
};

template <class Record>
std::string EncodeAs(const Record& record) {
  v1::StoredRecord stored;
  *(stored.*Field<Record>::kMutable)() = record;
  return stored.SerializeAsString();
}

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
  constexpr char kDigits[] = "0123456789abcdef";
  std::string digits(kSequenceDigits, '0');
  for (size_t i = kSequenceDigits; i > 0; --i, sequence >>= 4) {
    digits[i - 1] = kDigits[sequence & 15];
  }
  return Key(kEventPrefix, digits);
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
  uint64_t sequence = 0;
  for (char c : *digits) {
    if (c >= '0' && c <= '9') {
      sequence = sequence << 4 | static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      sequence = sequence << 4 | static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return sequence;
}

std::string Encode(const v1::FormatRecord& record) { return EncodeAs(record); }
std::string Encode(const v1::AccountRecord& record) { return EncodeAs(record); }
std::string Encode(const v1::InterlinkRecord& record) {
  return EncodeAs(record);
}
std::string Encode(const v1::OutboxRecord& record) { return EncodeAs(record); }
std::string Encode(const v1::NumberRecord& record) { return EncodeAs(record); }
std::string Encode(const v1::EventRecord& record) { return EncodeAs(record); }
std::string Encode(const v1::DirectoryRecord& record) {
  return EncodeAs(record);
}
std::string Encode(const v1::StartsRecord& record) { return EncodeAs(record); }
std::string Encode(const v1::GenerationRecord& record) {
  return EncodeAs(record);
}

template <class Record>
absl::StatusOr<Record> Decode(std::string_view value) {
  const std::string expected = KindName(Field<Record>::kKind) + " record";
  v1::StoredRecord stored;
  if (!stored.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError("expected " + expected +
                               ", found bytes that are no record");
  }
  if (stored.record_case() != Field<Record>::kKind) {
    return absl::DataLossError("expected " + expected + ", found " +
                               KindName(stored.record_case()) + " record");
  }
  return std::move(*(stored.*Field<Record>::kMutable)());
}

template absl::StatusOr<v1::FormatRecord> Decode(std::string_view);
template absl::StatusOr<v1::AccountRecord> Decode(std::string_view);
template absl::StatusOr<v1::InterlinkRecord> Decode(std::string_view);
template absl::StatusOr<v1::OutboxRecord> Decode(std::string_view);
template absl::StatusOr<v1::NumberRecord> Decode(std::string_view);
template absl::StatusOr<v1::EventRecord> Decode(std::string_view);
template absl::StatusOr<v1::DirectoryRecord> Decode(std::string_view);
template absl::StatusOr<v1::StartsRecord> Decode(std::string_view);
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
