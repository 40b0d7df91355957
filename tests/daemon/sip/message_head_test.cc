#include "daemon/sip/message_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace interlink::daemon {
namespace {

using Name = MessageHead::Name;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

std::optional<std::string_view> Find(const MessageHead& head, Name name) {
  bool is_repeated = false;
  return head.Find(name, is_repeated);
}

TEST(MessageHeadTest, ReadsCompactFormsInAnyOrderAndCase) {
  const MessageHead head(
      "INVITE sip:1@a SIP/2.0\r\ni: call\r\nT:to\r\nF :  from \r\n"
      "vIA: one\r\nl: 0\r\n\r\n");
  EXPECT_EQ(head.start_line(), "INVITE sip:1@a SIP/2.0");
  EXPECT_THAT(Find(head, Name::kCallId), Optional(std::string_view("call")));
  EXPECT_THAT(Find(head, Name::kTo), Optional(std::string_view("to")));
  EXPECT_THAT(Find(head, Name::kFrom), Optional(std::string_view("from")));
  EXPECT_THAT(Find(head, Name::kVia), Optional(std::string_view("one")));
  EXPECT_THAT(Find(head, Name::kContentLength),
              Optional(std::string_view("0")));
  EXPECT_EQ(Find(head, Name::kCSeq), std::nullopt);
  EXPECT_THAT(head.fault(), IsEmpty());
}

TEST(MessageHeadTest, JoinsFoldedLines) {
  const MessageHead head(
      "INVITE sip:1@a SIP/2.0\r\nTo:\r\n <sip:1@a>\r\n\t;tag=x\r\n"
      "CSeq: 1 INVITE\r\n\r\n");
  EXPECT_THAT(Find(head, Name::kTo),
              Optional(std::string_view("<sip:1@a>  \t;tag=x")));
  EXPECT_THAT(Find(head, Name::kCSeq), Optional(std::string_view("1 INVITE")));
}

TEST(MessageHeadTest, TellsWhatIsWrongWithALine) {
  for (const char* line :
       {"no colon", ": no name", "a name: x", "To: a\rb", "To: a\nFrom: b"}) {
    const MessageHead head("INVITE sip:1@a SIP/2.0\r\n" + std::string(line) +
                           "\r\nCall-ID: c\r\n\r\n");
    EXPECT_FALSE(head.fault().empty()) << line;
    EXPECT_THAT(Find(head, Name::kCallId), Optional(std::string_view("c")));
    EXPECT_EQ(Find(head, Name::kTo), std::nullopt);  // It is left out.
  }
  std::string many = "INVITE sip:1@a SIP/2.0\r\n";
  for (size_t i = 0; i <= MessageHead::kMostFields; ++i) many += "X: 1\r\n";
  EXPECT_FALSE(MessageHead(many).fault().empty());
}

TEST(MessageHeadTest, TellsWhatStandsTwice) {
  const MessageHead head("X\r\nTo: a\r\nt: b\r\n\r\n");
  bool is_repeated = false;
  EXPECT_THAT(head.Find(Name::kTo, is_repeated),
              Optional(std::string_view("a")));
  EXPECT_TRUE(is_repeated);
}

TEST(MessageHeadTest, CommasInQuotesAndBracketsSeparateNothing) {
  EXPECT_THAT(SplitValues(R"("a, \"b" <sip:x,y@z>;q=1 , c,)"),
              ElementsAre(R"("a, \"b" <sip:x,y@z>;q=1)", "c", ""));
  EXPECT_THAT(SplitValues(""), ElementsAre(""));
}

TEST(MessageHeadTest, CountsHaveNoSigns) {
  EXPECT_THAT(ParseCount("0068", 70), Optional(68U));
  for (const char* text :
       {"", "-1", "+1", " 1", "1 ", "71", "99999999999999999999999", "0x1"}) {
    EXPECT_EQ(ParseCount(text, 70), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace interlink::daemon
