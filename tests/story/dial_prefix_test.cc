// With prefix 8, 8201 is that link's 201 (design.md section 9).

#include "federation/ledger/interlink_update.h"
#include "google/rpc/error.pb.h"
#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

class DialPrefixTest : public AccountsTest {
 protected:
  DialPrefixTest() {
    Link(mike, john);
    Link(mike, tim);
    EXPECT_THAT(john.AddNumber("201"), IsOk());
    EXPECT_THAT(tim.AddNumber("201"), IsOk());
    EXPECT_THAT(tim.AddNumber("8201"), IsOk());
    Advance(5s);
  }
  absl::Status SetPrefix(const std::string& name, const std::string& prefix) {
    api::UpdateInterlinkRequest request;
    *request.mutable_interlink() = *mike.Row(name);
    request.mutable_interlink()->set_dial_prefix(prefix);
    request.mutable_update_mask()->add_paths("dial_prefix");
    return mike.Update(request).status();
  }
  // The links that the routes lead over, and the numbers dialled there.
  std::vector<std::string> Routes(const std::string& number) {
    std::vector<std::string> routes;
    const auto resolution = mike.Resolve(number);
    if (!resolution.ok()) return routes;
    for (const auto& route : resolution->routes()) {
      routes.push_back(route.interlink_name() + " " + route.number());
    }
    return routes;
  }
  // Each listed number: whose it is, and the digits that lead to it.
  std::vector<std::string> Listed() {
    std::vector<std::string> lines;
    const auto list = *mike.account().reachable().List({});
    for (const auto& number : list.numbers()) {
      lines.push_back(number.interlink_name() + " " + number.number() +
                      (number.shadowed() ? " hidden" : "") + " turn " +
                      std::to_string(number.turn()) + " " +
                      number.prefixed_number());
    }
    return lines;
  }
};

TEST_F(DialPrefixTest, APrefixAsksItsLinkAlone) {
  EXPECT_THAT(Routes("201"), ElementsAre("John Smith 201", "Tim Andrews 201"));
  EXPECT_THAT(Routes("8201"), ElementsAre("Tim Andrews 8201"));
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  EXPECT_THAT(Routes("8201"), ElementsAre("John Smith 201"));
  EXPECT_THAT(mike.Resolve("8202"), HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(mike.Resolve("8202").status().ToString(),
              ::testing::HasSubstr(
                  "8202 is the prefix 8, which asks \"John Smith\" alone, and "
                  "202, which that account does not share"));
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  EXPECT_THAT(mike.Resolve("8202").status().ToString(),
              ::testing::HasSubstr("that interlink is paused"));
  ASSERT_THAT(mike.SetPaused("John Smith", false), IsOk());
  Advance(5s);
  ASSERT_THAT(SetPrefix("John Smith", ""), IsOk());
  EXPECT_THAT(Routes("8201"), ElementsAre("Tim Andrews 8201"));
}

TEST_F(DialPrefixTest, AnOwnNumberOfThatTextWins) {
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  ASSERT_THAT(mike.AddNumber("8201"), IsOk());
  EXPECT_EQ(mike.Resolve("8201")->source(), api::RESOLUTION_SOURCE_LOCAL);
}

TEST_F(DialPrefixTest, TheLongestPrefixCountsAndLeavesADigit) {
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  ASSERT_THAT(SetPrefix("Tim Andrews", "88"), IsOk());
  EXPECT_THAT(Routes("88201"), ElementsAre("Tim Andrews 201"));
  EXPECT_THAT(mike.Resolve("88"), HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(mike.Resolve("8"), HasReason(Reason::kNumberNotFound));
}

TEST_F(DialPrefixTest, APrefixIsOneLinksAndOfSixDigitsAtMost) {
  ASSERT_THAT(SetPrefix("John Smith", "123456"), IsOk());
  EXPECT_THAT(SetPrefix("Tim Andrews", "123456"),
              HasReason(Reason::kNameTaken));
  EXPECT_THAT(SetPrefix("John Smith", "123456"), IsOk());
  for (const char* bad : {"1234567", "8a", "*8", " "}) {
    EXPECT_THAT(SetPrefix("Tim Andrews", bad),
                HasReason(Reason::kRequestInvalid));
  }
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  EXPECT_THAT(SetPrefix("Tim Andrews", "123456"), IsOk());
}

TEST_F(DialPrefixTest, ANeverRemoteNumberIsNotReachedByAPrefix) {
  ASSERT_THAT(john.AddNumber("112"), IsOk());
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  Advance(5s);
  EXPECT_THAT(Routes("8112"), ElementsAre("John Smith 112"));
  mike.settings.never_remote = {*store::InternalNumber::Parse("112")};
  mike.account().Reload(mike.settings);
  EXPECT_THAT(mike.Resolve("8112"), HasReason(Reason::kNumberNotFound));
  // For the explanation of the command line.
  google::rpc::ErrorInfo info;
  info.ParseFromString(std::string(*mike.Resolve("8112").status().GetPayload(
      std::string(federation::kErrorInfoUrl))));
  EXPECT_EQ(info.metadata().at("never_remote"), "112");
}

TEST_F(DialPrefixTest, OtherLinksThatAreSilentKeepNobodyWaiting) {
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  tim.Crash();
  Advance(1min);
  EXPECT_THAT(mike.Resolve("8202"), HasReason(Reason::kNumberNotFound));
  john.Crash();
  Advance(1min);
  EXPECT_THAT(mike.Resolve("8202"), HasReason(Reason::kLookupIncomplete));
  EXPECT_TRUE(mike.Resolve("8201")->stale());
}

TEST_F(DialPrefixTest, AfterAStartTheLinkIsAskedByLookup) {
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  mike.Crash();
  mike.Start();
  EXPECT_THAT(Routes("8201"), ElementsAre("John Smith 201"));
  EXPECT_EQ(network.calls["Lookup"], 1);
}

TEST_F(DialPrefixTest, TheListShowsBothWaysToDial) {
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  const auto list = *mike.account().reachable().List({});
  ASSERT_EQ(list.numbers_size(), 3);
  EXPECT_EQ(list.numbers(0).number(), "201");
  EXPECT_EQ(list.numbers(0).prefixed_number(), "8201");
  EXPECT_EQ(list.numbers(1).prefixed_number(), "");
}

TEST_F(DialPrefixTest, TheListNamesNoDigitsThatLeadElsewhere) {
  ASSERT_THAT(john.AddNumber("202"), IsOk());
  ASSERT_THAT(john.AddNumber("112"), IsOk());
  ASSERT_THAT(tim.AddNumber("01"), IsOk());
  ASSERT_THAT(mike.AddNumber("8202"), IsOk());
  ASSERT_THAT(SetPrefix("John Smith", "8"), IsOk());
  ASSERT_THAT(SetPrefix("Tim Andrews", "82"), IsOk());
  mike.settings.never_remote = {*store::InternalNumber::Parse("8112")};
  mike.account().Reload(mike.settings);
  Advance(5s);
  EXPECT_THAT(Routes("8201"), ElementsAre("Tim Andrews 01"));
  EXPECT_EQ(mike.Resolve("8202")->source(), api::RESOLUTION_SOURCE_LOCAL);
  EXPECT_THAT(mike.Resolve("8112"), HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(
      Listed(),
      UnorderedElementsAre(
          "Tim Andrews 01 turn 1 8201", "John Smith 112 turn 1 ",
          "John Smith 201 turn 1 ", "Tim Andrews 201 turn 2 82201",
          "John Smith 202 turn 1 ", "Tim Andrews 8201 hidden turn 0 828201"));
}

TEST_F(DialPrefixTest, TheListTellsWhomACallReaches) {
  EXPECT_THAT(Routes("201"), ElementsAre("John Smith 201", "Tim Andrews 201"));
  EXPECT_THAT(Listed(),
              ElementsAre("John Smith 201 turn 1 ", "Tim Andrews 201 turn 2 ",
                          "Tim Andrews 8201 turn 1 "));
  john.Crash();
  Advance(1min);
  EXPECT_THAT(Routes("201"), ElementsAre("Tim Andrews 201"));
  EXPECT_THAT(Listed(),
              ElementsAre("John Smith 201 turn 2 ", "Tim Andrews 201 turn 1 ",
                          "Tim Andrews 8201 turn 1 "));
}

}  // namespace
}  // namespace interlink::testing
