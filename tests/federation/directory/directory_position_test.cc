#include "federation/directory/directory_position.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/federation/reason_matcher.h"
#include "tests/support/awaited_numbers.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using testing::IsOk;

store::InternalNumber Digits(const std::string& digits) {
  return *store::InternalNumber::Parse(digits);
}

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const unsigned char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string DigestOf(const std::string& number, const std::string& name,
                     const std::string& contact) {
  return Hex(
      ToProto({.digest = EntryDigest(Digits(number), name, contact)}).digest());
}

// The values are Python's: hashlib.sha256(b"201\0Reception\0").digest()[:16].
TEST(EntryDigestTest, IsTheBeginningOfASha256) {
  EXPECT_EQ(DigestOf("201", "Reception", ""),
            "3b9bc4801c9cf3abf6bbe43005eb9661");
  EXPECT_EQ(DigestOf("007", "A", "sip:{number}@x"),
            "a3c5288b87404098470e4957d2e1f3a6");
}

TEST(EntryDigestTest, ABorderCannotBeShifted) {
  EXPECT_NE(DigestOf("1", "23", ""), DigestOf("12", "3", ""));
  EXPECT_NE(DigestOf("1", "ab", "c"), DigestOf("1", "a", "bc"));
}

TEST(DirectoryPositionTest, SurvivesTheWireAndTheStore) {
  const DirectoryPosition position{
      .sequence = 7, .digest = EntryDigest(Digits("1"), "x", ""), .count = 3};
  EXPECT_EQ(FromProto(ToProto(position)), position);
  EXPECT_EQ(FromRecord(ToRecord(position)), position);
  v1::DirectoryPosition short_one;
  short_one.set_digest("too short");
  EXPECT_EQ(FromProto(short_one), std::nullopt);
}

class OwnPositionTest : public ::testing::Test {
 protected:
  Numbers& numbers() { return account_.account().numbers(); }
  testing::AwaitedNumbers awaited() { return {time_, numbers()}; }

  void Put(const std::string& number, const std::string& name, bool is_private,
           const std::string& destination) {
    api::ImportNumbersRequest chunk;
    auto& entry = *chunk.add_entries();
    for (const char* path : {"name", "private", "destination"}) {
      entry.mutable_update_mask()->add_paths(path);
    }
    entry.mutable_number()->set_number(number);
    entry.mutable_number()->set_name(name);
    entry.mutable_number()->set_private_(is_private);
    entry.mutable_number()->set_destination(destination);
    api::ImportNumbersResponse summary;
    ASSERT_THAT(awaited().Import(chunk, summary), IsOk());
  }
  DirectoryPosition Stored() {
    const auto entry = *account_.database().Get(store::kDirectoryKey);
    if (!entry) return {};
    return *FromRecord(
        *store::Decode<store::v1::DirectoryRecord>(entry->value));
  }
  // The sum, made from nothing.
  DirectoryPosition Counted(uint64_t sequence) {
    DirectoryPosition sum{.sequence = sequence};
    account_.account().directory().VisitShared(
        std::nullopt, [&sum](store::InternalNumber number, const auto& shared) {
          sum.digest += EntryDigest(number, shared.name, shared.contact);
          ++sum.count;
          return true;
        });
    return sum;
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount account_{time_, network_, "Mike"};
};

TEST_F(OwnPositionTest, OnlyWhatPeersSeeMovesIt) {
  const std::string somewhere = "sip:x@10.0.0.1";
  Put("1", "One", false, somewhere);
  EXPECT_EQ(Stored(), Counted(1));
  Put("1", "Uno", false, somewhere);
  EXPECT_EQ(Stored(), Counted(2));
  const DirectoryPosition before = Stored();
  Put("1", "Uno", false, "sip:y@10.0.0.2");  // Where it leads is not seen.
  Put("2", "Two", true, somewhere);
  Put("2", "Dos", true, somewhere);
  Put("3", "Three", false, "");
  EXPECT_EQ(Stored(), before);
  Put("2", "Dos", false, somewhere);
  EXPECT_EQ(Stored(), Counted(3));
  Put("1", "Uno", true, somewhere);
  EXPECT_EQ(Stored(), Counted(4));
  ASSERT_THAT(awaited().Delete("2"), IsOk());
  EXPECT_EQ(Stored(), (DirectoryPosition{.sequence = 5}));
}

TEST_F(OwnPositionTest, ItIsTheSameAfterARestart) {
  for (int i = 0; i < 20; ++i) {
    Put(std::to_string(i), "name", i % 3 == 0, "sip:x@10.0.0.1");
  }
  const DirectoryPosition before = Stored();
  account_.Crash();
  account_.Start();
  EXPECT_EQ(Stored(), before);
  Put("1", "another", false, "sip:x@10.0.0.1");
  EXPECT_EQ(Stored(), Counted(before.sequence + 1));
}

TEST_F(OwnPositionTest, IsCountedIfTheStoreHasNone) {
  Put("1", "One", false, "sip:x@10.0.0.1");
  Put("2", "Two", false, "sip:x@10.0.0.1");
  ASSERT_THAT(account_.database().Commit(
                  {}, {store::Op::Delete(std::string(store::kDirectoryKey))}),
              IsOk());
  account_.Crash();
  account_.Start();
  Put("3", "Three", false, "sip:x@10.0.0.1");
  EXPECT_EQ(Stored(), Counted(3));
}

}  // namespace
}  // namespace interlink::federation
