#include "federation/directory/numbers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/federation/reason_matcher.h"
#include "tests/support/awaited_numbers.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::Refuses;
using ::testing::SizeIs;

api::Number Number(const std::string& number, const std::string& name = "",
                   const std::string& destination = "sip:x@10.0.0.1") {
  api::Number made;
  made.set_number(number);
  made.set_name(name);
  made.set_destination(destination);
  return made;
}

class NumbersTest : public ::testing::Test {
 protected:
  Numbers& numbers() { return account_.account().numbers(); }
  testing::AwaitedNumbers awaited() { return {time_, numbers()}; }

  absl::StatusOr<api::Number> Create(const api::Number& number) {
    api::CreateNumberRequest request;
    *request.mutable_number() = number;
    return awaited().Create(request);
  }
  absl::StatusOr<api::Number> Update(const api::Number& number,
                                     const std::vector<std::string>& paths) {
    api::UpdateNumberRequest request;
    *request.mutable_number() = number;
    for (const std::string& path : paths) {
      request.mutable_update_mask()->add_paths(path);
    }
    return awaited().Update(request);
  }
  api::ImportNumbersResponse Import(const std::vector<api::Number>& lines,
                                    int64_t first_line = 1) {
    api::ImportNumbersRequest chunk;
    for (const api::Number& line : lines) {
      auto& entry = *chunk.add_entries();
      entry.set_line(first_line++);
      *entry.mutable_number() = line;
    }
    api::ImportNumbersResponse summary;
    EXPECT_THAT(awaited().Import(chunk, summary), IsOk());
    return summary;
  }
  absl::StatusOr<api::ListNumbersResponse> List(const std::string& filter = "",
                                                int size = 0,
                                                const std::string& token = "") {
    api::ListNumbersRequest request;
    request.set_filter(filter);
    request.set_page_size(size);
    request.set_page_token(token);
    return numbers().List(request);
  }
  // All pages of `size`.
  std::vector<std::string> Listed(const std::string& filter = "",
                                  int size = 0) {
    std::vector<std::string> listed;
    std::string token;
    do {
      auto page = *List(filter, size, token);
      for (const auto& number : page.numbers()) {
        listed.push_back(number.number());
      }
      token = page.next_page_token();
    } while (!token.empty());
    return listed;
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount account_{time_, network_, "Mike"};
};

TEST_F(NumbersTest, ANumberWithoutANameIsNamedAfterItself) {
  auto number = Create(Number("007"));
  ASSERT_THAT(number, IsOk());
  EXPECT_EQ(number->name(), "Internal Number 007");
  EXPECT_FALSE(number->private_());
  EXPECT_TRUE(number->has_create_time());
  EXPECT_EQ(number->update_time().seconds(), number->create_time().seconds());
  EXPECT_EQ(numbers().Get("007")->name(), "Internal Number 007");
}

TEST_F(NumbersTest, OneNumberStandsOnce) {
  ASSERT_THAT(Create(Number("7")), IsOk());
  EXPECT_THAT(Create(Number("7", "other")), Refuses(Reason::kNumberTaken));
  EXPECT_THAT(Create(Number("07")), IsOk());
  EXPECT_EQ(numbers().size(), 2u);
}

TEST_F(NumbersTest, BadFieldsAreRefusedEachWithItsReason) {
  EXPECT_THAT(Create(Number("")), Refuses(Reason::kNumberInvalid));
  EXPECT_THAT(Create(Number("2x")), Refuses(Reason::kNumberInvalid));
  EXPECT_THAT(Create(Number("2", std::string(65, 'x'))),
              Refuses(Reason::kNameInvalid));
  EXPECT_THAT(Create(Number("2", " ")), Refuses(Reason::kNameInvalid));
  EXPECT_THAT(Create(Number("2", "", "a b")), Refuses(Reason::kContactInvalid));
  api::Number contact = Number("2");
  contact.set_contact("sip:2@host");
  EXPECT_THAT(Create(contact), Refuses(Reason::kContactInvalid));
  EXPECT_EQ(numbers().size(), 0u);
}

TEST_F(NumbersTest, AnUpdateChangesWhatItsMaskNames) {
  ASSERT_THAT(Create(Number("2", "Desk")), IsOk());
  time_.Advance(5s);
  api::Number wanted = Number("2", "Door", "sip:door@10.0.0.9");
  wanted.set_private_(true);
  auto updated = Update(wanted, {"destination"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->name(), "Desk");
  EXPECT_EQ(updated->destination(), "sip:door@10.0.0.9");
  EXPECT_FALSE(updated->private_());
  EXPECT_EQ(updated->update_time().seconds(),
            updated->create_time().seconds() + 5);
  updated = Update(wanted, {"name", "private"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->name(), "Door");
  EXPECT_TRUE(updated->private_());
  // An empty name becomes the default name; an empty destination unassigns.
  updated = Update(Number("2", "", ""), {"name", "destination"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->name(), "Internal Number 2");
  EXPECT_EQ(updated->destination(), "");
}

TEST_F(NumbersTest, AnUpdateIsRefusedAsAWhole) {
  ASSERT_THAT(Create(Number("2", "Desk")), IsOk());
  const api::Number wanted = Number("2", "Door", "bad destination");
  EXPECT_THAT(Update(wanted, {}),
              Refuses(Reason::kRequestInvalid, HasSubstr("empty")));
  EXPECT_THAT(Update(wanted, {"name", "number"}),
              Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Update(wanted, {"name", "create_time"}),
              Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Update(wanted, {"name", "*"}), Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Update(wanted, {"name", "destination"}),
              Refuses(Reason::kContactInvalid));
  EXPECT_THAT(Update(Number("3"), {"name"}), Refuses(Reason::kNumberNotFound));
  EXPECT_EQ(numbers().Get("2")->name(), "Desk");
}

TEST_F(NumbersTest, ADeletedNumberIsGoneAndCannotBeDeletedAgain) {
  ASSERT_THAT(Create(Number("2")), IsOk());
  EXPECT_THAT(awaited().Delete("2"), IsOk());
  EXPECT_THAT(numbers().Get("2"), Refuses(Reason::kNumberNotFound));
  EXPECT_THAT(awaited().Delete("2"), Refuses(Reason::kNumberNotFound));
  EXPECT_THAT(awaited().Delete("x"), Refuses(Reason::kNumberInvalid));
  EXPECT_EQ(numbers().size(), 0u);
}

TEST_F(NumbersTest, EachChangeOfANumberIsAnEventAndNoChangeIsNone) {
  ASSERT_THAT(Create(Number("2")), IsOk());
  ASSERT_THAT(Update(Number("2", "Door"), {"name"}), IsOk());
  ASSERT_THAT(Update(Number("2", "Door"), {"name"}), IsOk());
  ASSERT_THAT(account_.SetPrivate("2", true), IsOk());
  ASSERT_THAT(account_.SetPrivate("2", true), IsOk());
  ASSERT_THAT(awaited().Delete("2"), IsOk());
  EXPECT_THAT(account_.EventKinds(),
              ElementsAre("NUMBER_DELETED", "NUMBER_PRIVACY_CHANGED",
                          "NUMBER_CHANGED", "NUMBER_ADDED"));
  const auto events = *account_.account().events().List({});
  EXPECT_EQ(events.events(2).message(), "number 2 has changed: name");
  for (const auto& event : events.events()) {
    EXPECT_EQ(event.actor(), "administrator");
    EXPECT_EQ(event.count(), 1);
  }
}

TEST_F(NumbersTest, TheLimitHolds) {
  account_.settings.max_numbers = 2;
  account_.Crash();
  account_.Start();
  ASSERT_THAT(Create(Number("1")), IsOk());
  ASSERT_THAT(Create(Number("2")), IsOk());
  EXPECT_THAT(Create(Number("3")), Refuses(Reason::kLimitReached));
  EXPECT_EQ(Import({Number("1", "new name")}).updated_count(), 1);
  const auto summary = Import({Number("1", "newer"), Number("3")}, 10);
  EXPECT_EQ(summary.skipped_count(), 2);
  ASSERT_EQ(summary.refusals_size(), 1);
  EXPECT_EQ(summary.refusals(0).line(), 11);
  EXPECT_EQ(summary.refusals(0).reason(), "LIMIT_REACHED");
  EXPECT_EQ(numbers().Get("1")->name(), "new name");
  ASSERT_THAT(awaited().Delete("2"), IsOk());
  EXPECT_THAT(Create(Number("3")), IsOk());
}

TEST_F(NumbersTest, AllIsThereAfterARestart) {
  ASSERT_THAT(Create(Number("1")), IsOk());
  ASSERT_THAT(Create(Number("2")), IsOk());
  ASSERT_THAT(awaited().Delete("1"), IsOk());
  account_.Crash();
  account_.Start();
  EXPECT_EQ(numbers().size(), 1u);
  EXPECT_THAT(Listed(), ElementsAre("2"));
}

TEST_F(NumbersTest, ListingGoesInTheOrderOfDigitsPageByPage) {
  for (const char* number : {"9", "10", "1", "007", "2", "100"}) {
    ASSERT_THAT(Create(Number(number)), IsOk());
  }
  const auto order = ElementsAre("007", "1", "10", "100", "2", "9");
  EXPECT_THAT(Listed(), order);
  for (int size : {1, 2, 5, 6, 7}) EXPECT_THAT(Listed("", size), order);
  auto page = List("", 2);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->numbers_size(), 2);
  EXPECT_THAT(List("", 2, "x"), Refuses(Reason::kRequestInvalid));
}

TEST_F(NumbersTest, AFilterMatchesTheStartOfANumberOrAnyPartOfAName) {
  ASSERT_THAT(Create(Number("201", "Reception")), IsOk());
  ASSERT_THAT(Create(Number("202", "Door 301")), IsOk());
  ASSERT_THAT(Create(Number("301", "Kitchen")), IsOk());
  EXPECT_THAT(Listed("20"), ElementsAre("201", "202"));
  EXPECT_THAT(Listed("301"), ElementsAre("202", "301"));
  EXPECT_THAT(Listed("301", 1), ElementsAre("202", "301"));
  EXPECT_THAT(Listed("cept"), ElementsAre("201"));
  EXPECT_THAT(Listed("RECEPT"), ElementsAre("201"));  // In any case.
  EXPECT_THAT(Listed("01"), ElementsAre("202"));
  EXPECT_THAT(Listed("nobody"), IsEmpty());
}

TEST_F(NumbersTest, AFilterDoesNotFindTheDigitsThatADefaultNameRepeats) {
  ASSERT_THAT(Create(Number("1024")), IsOk());
  ASSERT_THAT(Create(Number("1025", "Room 24")), IsOk());
  ASSERT_THAT(Create(Number("24")), IsOk());
  EXPECT_THAT(Listed("24"), ElementsAre("1025", "24"));
  EXPECT_THAT(Listed("Number 10"), ElementsAre("1024"));
  EXPECT_THAT(Listed("number"), ElementsAre("1024", "24"));
}

// A contact that has no room for a token was good until tokens were asked for.
TEST_F(NumbersTest, WhatNobodyCanCallWithATokenIsMarkedAndTold) {
  for (const char* digits : {"201", "202", "203", "204"}) {
    api::Number number =
        Number(digits, "", digits[2] == '4' ? "" : "sip:x@y.z");
    number.set_contact(digits[2] == '1' ? "sip:{number}@pbx.example.net"
                                        : "sip:x{number}@pbx.example.net");
    number.set_private_(digits[2] == '3');
    ASSERT_THAT(Create(number), IsOk());
  }
  const auto unreachable = [&] {
    std::vector<std::string> digits;
    const auto list = *List();
    for (const auto& number : list.numbers()) {
      if (number.unreachable()) digits.push_back(number.number());
    }
    return digits;
  };
  const auto events = [&] {
    std::vector<std::string> messages;
    const auto list = *account_.account().events().List({});
    for (const auto& event : list.events()) {
      if (event.kind() == "NUMBERS_UNREACHABLE") {
        messages.push_back(event.message());
      }
    }
    return messages;
  };
  const auto ask_for_tokens = [&](bool asks) {
    account_.settings.asks_for_call_tokens = asks;
    account_.account().Reload(account_.settings);
  };
  EXPECT_THAT(unreachable(), IsEmpty());
  EXPECT_THAT(events(), IsEmpty());
  ask_for_tokens(true);
  EXPECT_THAT(unreachable(), ElementsAre("202"));
  EXPECT_TRUE(numbers().Get("202")->unreachable());
  time_.Advance(1s);
  EXPECT_THAT(events(), ElementsAre(HasSubstr("cannot call 202: ")));
  ask_for_tokens(true);
  time_.Advance(1s);
  EXPECT_THAT(events(), SizeIs(1)) << "it is told once";
  // The rest of it can be changed, and so can the contact.
  EXPECT_THAT(Update(Number("202", "Door"), {"name"}), IsOk());
  api::Number mended = Number("202");
  mended.set_contact("sip:y{number}@pbx.example.net");
  EXPECT_THAT(Update(mended, {"contact"}), Refuses(Reason::kContactInvalid));
  mended.set_contact("");
  EXPECT_FALSE(Update(mended, {"contact"})->unreachable());
  ask_for_tokens(false);
  EXPECT_THAT(unreachable(), IsEmpty());
}

TEST_F(NumbersTest, AStartTellsOfAFewNumbersThatNobodyCanCall) {
  for (char last = '1'; last < '9'; ++last) {
    api::Number number = Number(std::string("20") + last);
    number.set_contact("sip:x{number}@pbx.example.net");
    ASSERT_THAT(Create(number), IsOk());
  }
  account_.Crash();
  account_.settings.asks_for_call_tokens = true;
  account_.Start();
  time_.Advance(1s);
  const auto list = *account_.account().events().List({});
  EXPECT_EQ(list.events(0).kind(), "NUMBERS_UNREACHABLE");
  EXPECT_THAT(list.events(0).message(),
              HasSubstr("201, 202, 203, 204, 205 and 3 more: "));
}

TEST_F(NumbersTest, ManyNumbersThatNobodyCanCallAreLookedAtInSteps) {
  constexpr size_t kCount = 3 * UnreachableNumbers::kStep;
  std::vector<api::Number> lines;
  for (size_t i = 0; i < kCount; ++i) {
    lines.push_back(Number(std::to_string(10'000 + i)));
    lines.back().set_contact("sip:x{number}@pbx.example.net");
    if (lines.size() == 1000) Import(std::exchange(lines, {}));
  }
  size_t tasks = 0;
  account_.settings.asks_for_call_tokens = true;
  account_.account().Reload(account_.settings);
  time_.after_each = [&tasks] { ++tasks; };
  time_.AdvanceUntil(
      [this] { return account_.EventKinds()[0] == "NUMBERS_UNREACHABLE"; }, 1s);
  // The last step finds that there are no more; others have tasks, too.
  EXPECT_GE(tasks, kCount / UnreachableNumbers::kStep + 1);
  const auto list = *account_.account().events().List({});
  EXPECT_THAT(list.events(0).message(),
              HasSubstr("10004 and " + std::to_string(kCount - 5) + " more: "));
}

TEST_F(NumbersTest, ANegativePageSizeIsRefused) {
  EXPECT_THAT(List("", -1), Refuses(Reason::kRequestInvalid));
}

TEST_F(NumbersTest, AHundredThousandLinesImportAndList) {
  constexpr int kCount = 100'000;
  constexpr int kChunk = 1000;
  for (int i = 0; i < kCount; i += kChunk) {
    api::ImportNumbersRequest chunk;
    for (int j = i; j < i + kChunk; ++j) {
      auto& entry = *chunk.add_entries();
      entry.set_line(j + 1);
      entry.mutable_number()->set_number(std::to_string(1'000'000 + j));
    }
    api::ImportNumbersResponse summary;
    ASSERT_THAT(awaited().Import(chunk, summary), IsOk());
    ASSERT_EQ(summary.created_count(), kChunk);
  }
  EXPECT_EQ(numbers().size(), static_cast<size_t>(kCount));
  // A filter that matches few numbers still finds them, in several pages.
  EXPECT_THAT(Listed("1099999", 1), ElementsAre("1099999"));
  EXPECT_EQ(Listed("", 1000).size(), static_cast<size_t>(kCount));
}

}  // namespace
}  // namespace interlink::federation
