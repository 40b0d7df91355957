#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"
#include "interlink/store/v1/records.pb.h"
#include "store/ids.h"
#include "store/internal_number.h"

// The key layout (see store/README.md) and the codec of the values.
namespace interlink::store {

using WallTime = std::chrono::system_clock::time_point;

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kAccountKey = "account";
inline constexpr std::string_view kInterlinkPrefix = "interlink/";
inline constexpr std::string_view kTombstonePrefix = "tombstone/";
inline constexpr std::string_view kOutboxPrefix = "outbox/";
inline constexpr std::string_view kNumberPrefix = "number/";
inline constexpr std::string_view kEventPrefix = "event/";
inline constexpr std::string_view kDirectoryKey = "directory";
inline constexpr std::string_view kStartsKey = "starts";
inline constexpr std::string_view kGenerationKey = "generation";
// The layout that this program writes, and the newest that it reads.
inline constexpr uint32_t kFormatVersion = 1;

std::string InterlinkKey(InterlinkId id);
std::string TombstoneKey(InterlinkId id);
std::string OutboxKey(InterlinkId id);
std::string NumberKey(InternalNumber number);
// Sixteen hexadecimal digits, so that events sort by their sequence.
std::string EventKey(uint64_t sequence);

// What follows the prefix of a key; nullopt if `key` is not of that kind.
std::optional<InterlinkId> ParseIdKey(std::string_view prefix,
                                      std::string_view key);
std::optional<InternalNumber> ParseNumberKey(std::string_view key);
std::optional<uint64_t> ParseEventKey(std::string_view key);

// The value of a key, and back; `Record` is one of records.proto. Decode()
// returns DATA_LOSS, naming what it expected, if `value` is not such a record.
template <class Record>
std::string Encode(const Record& record);
template <class Record>
absl::StatusOr<Record> Decode(std::string_view value);

google::protobuf::Timestamp ToTimestamp(WallTime time);
WallTime FromTimestamp(const google::protobuf::Timestamp& timestamp);

}  // namespace interlink::store
