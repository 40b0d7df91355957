#include "store/records.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kHexId[] = "00112233445566778899aabbccddeeff";
// The same id for protobuf's text format.
#define ID \
  R"("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff")"

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += "0123456789abcdef"[static_cast<uint8_t>(byte) >> 4];
    hex += "0123456789abcdef"[static_cast<uint8_t>(byte) & 15];
  }
  return hex;
}

template <class Record>
Record FromText(const std::string& text) {
  Record record;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &record));
  return record;
}

// Stores in the field hold these bytes (made by protoc --encode). If one of
// these tests fails, the code is wrong, unless the format has a new number.
template <class Record>
void ExpectBytes(const std::string& text, const std::string& hex) {
  const auto record = FromText<Record>(text);
  const std::string bytes = Encode(record);
  EXPECT_EQ(ToHex(bytes), hex);
  const auto decoded = Decode<Record>(bytes);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->SerializeAsString(), record.SerializeAsString());
}

TEST(RecordsTest, FormatHasItsGoldenBytes) {
  ExpectBytes<v1::FormatRecord>("version: 1", "0a020801");
  ExpectBytes<v1::FormatRecord>("version: 1 is_backup: true", "0a0408011001");
}

TEST(RecordsTest, AccountHasItsGoldenBytes) {
  ExpectBytes<v1::AccountRecord>(
      "account_id: " ID
      " root_certificate: 'CERT' root_private_key: 'KEY' "
      "create_time { seconds: 1700000000 nanos: 5 }",
      "12270a1000112233445566778899aabbccddeeff1204434552541a034b4559220808"
      "80e2cfaa061005");
}

TEST(RecordsTest, PendingInterlinkHasItsGoldenBytes) {
  ExpectBytes<v1::InterlinkRecord>(
      "id: " ID
      " name: 'John' state: ROW_STATE_PENDING priority: 100 "
      "create_time { seconds: 1700000000 } "
      "issued_key { text: 'ilk1_x' proof_key: 'K' "
      "             expire_time { seconds: 1700604800 } }",
      "1a390a1000112233445566778899aabbccddeeff12044a6f686e180120643a060880"
      "e2cfaa0652130a06696c6b315f7812014b1a060880d7f4aa06");
}

TEST(RecordsTest, InterlinkWithEveryFieldHasItsGoldenBytes) {
  ExpectBytes<v1::InterlinkRecord>(
      "id: " ID
      " name: 'John' state: ROW_STATE_REMOVED priority: 100 paused: true "
      "manual_address: 'm:1' create_time { seconds: 1 } "
      "establish_time { seconds: 2 } "
      "peer { account_id: " ID
      "       account_name: 'P' root_certificates: 'R' "
      "       root_spki_sha256: 'S' addresses: 'a:1' addresses: 'b:2' "
      "       contact: 'sip:{number}@h' } "
      "issued_key { proof_key: 'K' burnt_redeem_ids: 'B' redeem_id: 'D' "
      "             answer: 'A' } "
      "entered_key { key: 'E' redeem_id: 'I' } "
      "failure { reason: 'KEY_EXPIRED' message: 'Late.' } "
      "removal { time { seconds: 3 } cause: REMOVAL_CAUSE_MERGED "
      "          successor_id: " ID
      "          last_state: ROW_STATE_ESTABLISHED } "
      "linked_from: 'f:9'",
      "1aaf010a1000112233445566778899aabbccddeeff12044a6f686e18052064280132"
      "036d3a313a020801420208024a350a1000112233445566778899aabbccddeeff1201"
      "501a01522201532a03613a312a03623a32320e7369703a7b6e756d6265727d406852"
      "0c12014b2201422a01443201415a060a014512014962140a0b4b45595f4558504952"
      "454412054c6174652e6a1a0a02080310041a1000112233445566778899aabbccddee"
      "ff20037203663a39");
}

TEST(RecordsTest, OutboxHasItsGoldenBytes) {
  ExpectBytes<v1::OutboxRecord>(
      "interlink_id: " ID " peer { account_id: " ID
      " addresses: 'a:1' } manual_address: 'm:1' redeem_id: 'D' proof: 'P' "
      "create_time { seconds: 1 }",
      "223a0a1000112233445566778899aabbccddeeff12170a1000112233445566778899"
      "aabbccddeeff2a03613a311a036d3a312201442a015032020801");
}

TEST(RecordsTest, NumberHasItsGoldenBytes) {
  ExpectBytes<v1::NumberRecord>(
      "name: 'Reception' destination: 'sip:r@h' private: true "
      "contact: 'sip:{number}@x' create_time { seconds: 1 } "
      "update_time { seconds: 2 }",
      "2a2e0a09526563657074696f6e12077369703a7240681801220e7369703a7b6e756d"
      "6265727d40782a02080132020802");
}

TEST(RecordsTest, EventHasItsGoldenBytes) {
  ExpectBytes<v1::EventRecord>(
      "time { seconds: 1 } kind: 'LINKED' actor: 'peer' interlink_id: " ID
      " interlink_name: 'John' message: 'Linked.'",
      "32330a02080112064c494e4b45441a0470656572221000112233445566778899aabb"
      "ccddeeff2a044a6f686e32074c696e6b65642e");
}

TEST(RecordsTest, KeysHaveTheirGoldenText) {
  const auto id = *InterlinkId::FromHex(kHexId);
  EXPECT_EQ(kFormatKey, "format");
  EXPECT_EQ(kAccountKey, "account");
  EXPECT_EQ(InterlinkKey(id), std::string("interlink/") + kHexId);
  EXPECT_EQ(TombstoneKey(id), std::string("tombstone/") + kHexId);
  EXPECT_EQ(OutboxKey(id), std::string("outbox/") + kHexId);
  EXPECT_EQ(NumberKey(*InternalNumber::Parse("007")), "number/007");
  EXPECT_EQ(EventKey(0), "event/0000000000000000");
  EXPECT_EQ(EventKey(0x1a2b), "event/0000000000001a2b");
  EXPECT_EQ(EventKey(UINT64_MAX), "event/ffffffffffffffff");
}

TEST(RecordsTest, KeysReadBack) {
  const auto id = *InterlinkId::FromHex(kHexId);
  EXPECT_EQ(ParseIdKey(kInterlinkPrefix, InterlinkKey(id)), id);
  EXPECT_EQ(ParseIdKey(kTombstonePrefix, TombstoneKey(id)), id);
  EXPECT_EQ(ParseIdKey(kOutboxPrefix, OutboxKey(id)), id);
  const auto number = *InternalNumber::Parse("007");
  EXPECT_EQ(ParseNumberKey(NumberKey(number)), number);
  for (uint64_t sequence : {uint64_t{0}, uint64_t{0x1a2b}, UINT64_MAX}) {
    EXPECT_EQ(ParseEventKey(EventKey(sequence)), sequence);
  }
}

TEST(RecordsTest, KeysOfAnotherKindAreRefused) {
  const auto id = *InterlinkId::FromHex(kHexId);
  EXPECT_FALSE(ParseIdKey(kTombstonePrefix, InterlinkKey(id)));
  EXPECT_FALSE(ParseIdKey(kInterlinkPrefix, "interlink/"));
  EXPECT_FALSE(ParseIdKey(kInterlinkPrefix, InterlinkKey(id) + "0"));
  EXPECT_FALSE(ParseNumberKey("number/"));
  EXPECT_FALSE(ParseNumberKey("number/1a"));
  EXPECT_FALSE(ParseNumberKey("numbers/1"));
  EXPECT_FALSE(ParseEventKey("event/1"));
  EXPECT_FALSE(ParseEventKey("event/000000000000000G"));
  EXPECT_FALSE(ParseEventKey("event/000000000000000A"));
  EXPECT_FALSE(ParseEventKey(kAccountKey));
}

TEST(RecordsTest, EventKeysSortByTheirSequence) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t a = random() >> random() % 64;
    const uint64_t b = random() >> random() % 64;
    EXPECT_EQ(a < b, EventKey(a) < EventKey(b)) << a << " " << b;
  }
}

TEST(RecordsTest, ARecordOfAnotherKindIsDataLossThatSaysWhich) {
  EXPECT_THAT(Decode<v1::InterlinkRecord>(Encode(v1::NumberRecord())),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("expected interlink.store.v1.InterlinkRecord, "
                                 "found field 5 of StoredRecord")));
}

TEST(RecordsTest, BytesThatAreNoRecordAreDataLoss) {
  EXPECT_THAT(Decode<v1::EventRecord>(""),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("found field 0 of StoredRecord")));
  const std::string whole = Encode(FromText<v1::EventRecord>("kind: 'LINKED'"));
  EXPECT_THAT(Decode<v1::EventRecord>(whole.substr(0, whole.size() - 1)),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("expected interlink.store.v1.EventRecord")));
  EXPECT_THAT(Decode<v1::EventRecord>("\xff\xff\xff"),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RecordsTest, TimesReadBackToTheNanosecond) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const WallTime time{WallTime::duration(static_cast<int64_t>(random()))};
    const auto timestamp = ToTimestamp(time);
    EXPECT_GE(timestamp.nanos(), 0);  // Also before 1970.
    EXPECT_LT(timestamp.nanos(), 1'000'000'000);
    EXPECT_EQ(FromTimestamp(timestamp), time);
  }
}

TEST(RecordsTest, TimesOutOfRangeBecomeTheNearest) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(253402300799);  // The last second of 9999.
  timestamp.set_nanos(999'999'999);
  EXPECT_EQ(FromTimestamp(timestamp), WallTime::max());
  timestamp.set_seconds(INT64_MAX);
  EXPECT_EQ(FromTimestamp(timestamp), WallTime::max());
  timestamp.set_seconds(INT64_MIN);
  timestamp.set_nanos(INT32_MIN);
  EXPECT_EQ(FromTimestamp(timestamp), WallTime::min());
}

TEST(RecordsTest, NanosecondsOutOfRangeAreClamped) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(9'223'372'035);  // The last whole second of a WallTime.
  timestamp.set_nanos(INT32_MAX);
  EXPECT_LT(FromTimestamp(timestamp), WallTime::max());
  timestamp.set_seconds(-9'223'372'036);  // And the first.
  timestamp.set_nanos(INT32_MIN);
  EXPECT_GT(FromTimestamp(timestamp), WallTime::min());
}

}  // namespace
}  // namespace interlink::store
