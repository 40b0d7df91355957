#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "federation/directory/numbers.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/awaited_numbers.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using testing::IsOk;

api::Number ToImport(const std::string& number, const std::string& name = "") {
  api::Number made;
  made.set_number(number);
  made.set_name(name);
  made.set_destination("sip:x@10.0.0.1");
  return made;
}

// A number with every field set.
api::Number Full(const std::string& number) {
  api::Number full = ToImport(number, "The boss");
  full.set_contact("sip:{number}@own.example");
  full.set_private_(true);
  return full;
}

api::ImportNumbersRequest ChunkOf(const std::vector<api::Number>& lines) {
  api::ImportNumbersRequest chunk;
  for (const api::Number& line : lines) {
    *chunk.add_entries()->mutable_number() = line;
  }
  return chunk;
}

// Lines that set these fields and no others.
api::ImportNumbersRequest ChunkOf(const std::vector<api::Number>& lines,
                                  const std::vector<std::string>& paths) {
  api::ImportNumbersRequest chunk = ChunkOf(lines);
  for (auto& entry : *chunk.mutable_entries()) {
    *entry.mutable_update_mask()->mutable_paths() = {paths.begin(),
                                                     paths.end()};
  }
  return chunk;
}

class NumberImportTest : public ::testing::Test {
 protected:
  Numbers& numbers() { return account_.account().numbers(); }
  testing::AwaitedNumbers awaited() { return {time_, numbers()}; }

  absl::StatusOr<api::Number> Create(const api::Number& number) {
    api::CreateNumberRequest request;
    *request.mutable_number() = number;
    return awaited().Create(request);
  }
  api::ImportNumbersResponse Import(const api::ImportNumbersRequest& chunk) {
    api::ImportNumbersResponse summary;
    EXPECT_THAT(awaited().Import(chunk, summary), IsOk());
    return summary;
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount account_{time_, network_, "Mike"};
};

TEST_F(NumberImportTest, AnImportCountsWhatItDid) {
  ASSERT_THAT(Create(ToImport("1", "one")), IsOk());
  ASSERT_THAT(Create(ToImport("2", "two")), IsOk());
  const auto summary =
      Import(ChunkOf({ToImport("1", "one"), ToImport("2", "changed"),
                      ToImport("3"), ToImport("4")}));
  EXPECT_EQ(summary.created_count(), 2);
  EXPECT_EQ(summary.updated_count(), 1);
  EXPECT_EQ(summary.unchanged_count(), 1);
  EXPECT_EQ(summary.skipped_count(), 0);
  EXPECT_EQ(summary.refused_count(), 0);
  EXPECT_EQ(numbers().Get("2")->name(), "changed");
  EXPECT_EQ(numbers().Get("3")->name(), "Internal Number 3");
  EXPECT_EQ(account_.EventKinds().front(), "NUMBERS_IMPORTED");
}

TEST_F(NumberImportTest, RepeatingAnImportChangesNothing) {
  Import(ChunkOf({ToImport("1", "one"), ToImport("2")}));
  const auto revision = account_.database().revision();
  EXPECT_EQ(
      Import(ChunkOf({ToImport("1", "one"), ToImport("2")})).unchanged_count(),
      2);
  EXPECT_EQ(account_.database().revision(), revision);
}

TEST_F(NumberImportTest, AChunkWithABadLineIsRefusedWholeAndEveryBadLineNamed) {
  api::ImportNumbersRequest chunk = ChunkOf(
      {ToImport("1"), ToImport("x"), ToImport("3", std::string(65, 'n')),
       ToImport("4"), ToImport("5")});
  chunk.mutable_entries(4)->mutable_number()->set_destination("a b");
  for (int i = 0; i < 5; ++i) chunk.mutable_entries(i)->set_line(101 + i);
  const auto summary = Import(chunk);
  EXPECT_EQ(summary.created_count(), 0);
  EXPECT_EQ(summary.refused_count(), 3);
  EXPECT_EQ(summary.skipped_count(), 5);
  ASSERT_EQ(summary.refusals_size(), 3);
  EXPECT_EQ(summary.refusals(0).line(), 102);
  EXPECT_EQ(summary.refusals(0).reason(), "NUMBER_INVALID");
  EXPECT_THAT(summary.refusals(0).message(),
              ::testing::HasSubstr("1 to 15 digits"));
  EXPECT_EQ(summary.refusals(1).line(), 103);
  EXPECT_EQ(summary.refusals(1).reason(), "NAME_INVALID");
  EXPECT_EQ(summary.refusals(2).line(), 105);
  EXPECT_EQ(summary.refusals(2).reason(), "CONTACT_INVALID");
  EXPECT_EQ(numbers().size(), 0u);
}

TEST_F(NumberImportTest, OnlyAThousandRefusalsAreListedButAllAreCounted) {
  api::ImportNumbersRequest chunk;
  for (int i = 0; i < 600; ++i) chunk.add_entries()->set_line(i + 1);
  api::ImportNumbersResponse summary;
  ASSERT_THAT(awaited().Import(chunk, summary), IsOk());
  ASSERT_THAT(awaited().Import(chunk, summary), IsOk());
  EXPECT_EQ(summary.refused_count(), 1200);
  EXPECT_EQ(summary.refusals_size(), 1000);
}

TEST_F(NumberImportTest, TheLastOfTwoLinesForOneNumberWins) {
  const auto summary =
      Import(ChunkOf({ToImport("1", "first"), ToImport("1", "second")}));
  EXPECT_EQ(summary.created_count(), 1);
  EXPECT_EQ(numbers().Get("1")->name(), "second");
  // Also if the last line repeats what is stored.
  Import(ChunkOf({ToImport("1", "third"), ToImport("1", "second")}));
  EXPECT_EQ(numbers().Get("1")->name(), "second");
}

TEST_F(NumberImportTest, AnImportKeepsTheCreateTime) {
  ASSERT_THAT(Create(ToImport("1")), IsOk());
  const auto made = numbers().Get("1")->create_time().seconds();
  time_.Advance(std::chrono::seconds(60));
  Import(ChunkOf({ToImport("1", "other")}));
  EXPECT_EQ(numbers().Get("1")->create_time().seconds(), made);
  EXPECT_EQ(numbers().Get("1")->update_time().seconds(), made + 60);
}

TEST_F(NumberImportTest, AnImportedLineLeavesTheFieldsThatItDoesNotName) {
  ASSERT_THAT(Create(Full("1")), IsOk());
  EXPECT_EQ(Import(ChunkOf({ToImport("1", "Ann")}, {"name"})).updated_count(),
            1);
  const auto number = numbers().Get("1");
  EXPECT_EQ(number->name(), "Ann");
  EXPECT_EQ(number->destination(), Full("1").destination());
  EXPECT_EQ(number->contact(), Full("1").contact());
  EXPECT_TRUE(number->private_());
  // A line that names no field changes nothing.
  EXPECT_EQ(Import(ChunkOf({ToImport("1", "x"), ToImport("2", "x")},
                           std::vector<std::string>()))
                .unchanged_count(),
            1);
  EXPECT_EQ(numbers().Get("2")->name(), "Internal Number 2");
  EXPECT_EQ(numbers().Get("2")->destination(), "");
}

TEST_F(NumberImportTest, AnImportedLineEmptiesTheFieldsThatItNames) {
  ASSERT_THAT(Create(Full("1")), IsOk());
  api::Number bare;
  bare.set_number("1");
  Import(ChunkOf({bare}, {"name", "destination", "contact", "private"}));
  const auto number = numbers().Get("1");
  EXPECT_EQ(number->name(), "Internal Number 1");
  EXPECT_EQ(number->destination(), "");
  EXPECT_EQ(number->contact(), "");
  EXPECT_FALSE(number->private_());
}

// As sent by a client that does not know of the mask.
TEST_F(NumberImportTest, AnImportedLineWithoutAMaskTakesNothingAway) {
  ASSERT_THAT(Create(Full("1")), IsOk());
  api::Number bare;
  bare.set_number("1");
  EXPECT_EQ(Import(ChunkOf({bare})).unchanged_count(), 1);
  bare.set_name("Ann");
  EXPECT_EQ(Import(ChunkOf({bare})).updated_count(), 1);
  EXPECT_EQ(numbers().Get("1")->name(), "Ann");
  EXPECT_EQ(numbers().Get("1")->contact(), Full("1").contact());
  EXPECT_TRUE(numbers().Get("1")->private_());
}

TEST_F(NumberImportTest, LinesForOneNumberAddUp) {
  api::ImportNumbersRequest chunk = ChunkOf({ToImport("1", "Ann")}, {"name"});
  chunk.MergeFrom(ChunkOf({Full("1")}, {"private"}));
  EXPECT_EQ(Import(chunk).created_count(), 1);
  EXPECT_EQ(numbers().Get("1")->name(), "Ann");
  EXPECT_TRUE(numbers().Get("1")->private_());
}

TEST_F(NumberImportTest, AnImportThatIsOnlyCheckedStoresNothing) {
  ASSERT_THAT(Create(ToImport("1", "one")), IsOk());
  const auto revision = account_.database().revision();
  api::ImportNumbersRequest chunk =
      ChunkOf({ToImport("1", "changed"), ToImport("2")});
  chunk.set_validate_only(true);
  EXPECT_EQ(Import(chunk).updated_count(), 1);
  EXPECT_EQ(Import(chunk).created_count(), 1);
  chunk.mutable_entries(0)->mutable_number()->set_number("x");
  EXPECT_EQ(Import(chunk).refused_count(), 1);
  EXPECT_EQ(account_.database().revision(), revision);
}

TEST_F(NumberImportTest, ALineThatSetsAnUnknownFieldIsRefused) {
  const auto summary = Import(ChunkOf({ToImport("1")}, {"colour"}));
  ASSERT_EQ(summary.refusals_size(), 1);
  EXPECT_EQ(summary.refusals(0).reason(), "REQUEST_INVALID");
}

TEST_F(NumberImportTest, AnImportIsOneEventWhateverItsSize) {
  std::vector<api::Number> lines;
  for (int i = 0; i < 1000; ++i) lines.push_back(ToImport(std::to_string(i)));
  Import(ChunkOf(lines));
  for (auto& line : lines) line.set_private_(true);
  Import(ChunkOf(lines, {"private"}));
  Import(ChunkOf({ToImport("1")}, {"private"}));
  const auto events = *account_.account().events().List({});
  ASSERT_EQ(events.events_size(), 1);
  EXPECT_EQ(events.events(0).kind(), "NUMBERS_IMPORTED");
  EXPECT_EQ(events.events(0).message(),
            "1000 added, 1001 changed, 1000 private now, 1 shared now");
  EXPECT_EQ(events.events(0).count(), 1);
}

TEST_F(NumberImportTest, AnotherImportIsAnotherEvent) {
  Import(ChunkOf({ToImport("1")}));
  time_.Advance(std::chrono::minutes(2));
  Import(ChunkOf({ToImport("2")}));
  ASSERT_THAT(account_.AddNumber("3"), IsOk());
  Import(ChunkOf({ToImport("4")}));
  EXPECT_THAT(account_.EventKinds(),
              ::testing::ElementsAre("NUMBERS_IMPORTED", "NUMBER_ADDED",
                                     "NUMBERS_IMPORTED", "NUMBERS_IMPORTED"));
}

TEST_F(NumberImportTest, ALargeChunkOfFlippedNumbersFits) {
  std::vector<api::Number> lines;
  lines.reserve(1000);
  for (int i = 0; i < 1000; ++i) lines.push_back(ToImport(std::to_string(i)));
  for (int round = 0; round < 12; ++round) {
    for (auto& line : lines) line.set_private_(round % 2 == 1);
    const auto summary = Import(ChunkOf(lines, {"name", "private"}));
    EXPECT_EQ(summary.created_count() + summary.updated_count(), 1000);
  }
}

}  // namespace
}  // namespace interlink::federation
