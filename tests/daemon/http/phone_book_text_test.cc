#include "daemon/http/phone_book_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace interlink::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(PhoneBookTextTest, KnowsItsFormatsByName) {
  EXPECT_EQ(PhoneBookFormatNamed("yealink"), PhoneBookFormat::kYealink);
  EXPECT_EQ(PhoneBookFormatNamed("cisco"), PhoneBookFormat::kCisco);
  EXPECT_EQ(PhoneBookFormatNamed("csv"), PhoneBookFormat::kCsv);
  EXPECT_EQ(PhoneBookFormatNamed("CSV"), std::nullopt);
  EXPECT_EQ(PhoneBookFormatNamed(""), std::nullopt);
}

TEST(PhoneBookTextTest, IsWrittenAsEachFormatWantsIt) {
  const std::vector<PhoneBookEntry> entries = {{"Support (John Smith)", "301"}};
  EXPECT_EQ(WritePhoneBook(entries, PhoneBookFormat::kYealink),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<YealinkIPPhoneDirectory>\n"
            "<DirectoryEntry><Name>Support (John Smith)</Name>"
            "<Telephone>301</Telephone></DirectoryEntry>\n"
            "</YealinkIPPhoneDirectory>\n");
  EXPECT_EQ(WritePhoneBook(entries, PhoneBookFormat::kCisco),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<CiscoIPPhoneDirectory>\n"
            "<Title>Interlink</Title>\n<Prompt>Select a number</Prompt>\n"
            "<DirectoryEntry><Name>Support (John Smith)</Name>"
            "<Telephone>301</Telephone></DirectoryEntry>\n"
            "</CiscoIPPhoneDirectory>\n");
  EXPECT_EQ(WritePhoneBook(entries, PhoneBookFormat::kCsv),
            "number,name\r\n\"301\",\"Support (John Smith)\"\r\n");
}

TEST(PhoneBookTextTest, ANameCannotEndItsElement) {
  const std::string text = WritePhoneBook(
      {{"</Name><Telephone>0900</Telephone> \"R&D\" 'x'", "301"}},
      PhoneBookFormat::kYealink);
  EXPECT_THAT(text, HasSubstr("<Name>&lt;/Name&gt;&lt;Telephone&gt;0900&lt;/"
                              "Telephone&gt; &quot;R&amp;D&quot; &apos;x&apos;"
                              "</Name>"));
  // No XML document may have these.
  EXPECT_THAT(WritePhoneBook({{"a\xef\xbf\xbf"
                               "b\xef\xbf\xbe"
                               "c",
                               "1"}},
                             PhoneBookFormat::kCisco),
              HasSubstr("<Name>abc</Name>"));
}

TEST(PhoneBookTextTest, ANameIsNoFormulaOfASpreadsheet) {
  for (const char* name : {"=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)",
                           "\xef\xbc\x9d"
                           "1"}) {
    EXPECT_THAT(WritePhoneBook({{name, "301"}}, PhoneBookFormat::kCsv),
                HasSubstr(",\"'" + std::string(name) + "\"\r\n"));
  }
  const std::string quoted =
      WritePhoneBook({{"a\",\"b", "301"}}, PhoneBookFormat::kCsv);
  EXPECT_THAT(quoted, HasSubstr("\"a\"\",\"\"b\"\r\n"));
}

}  // namespace
}  // namespace interlink::daemon
