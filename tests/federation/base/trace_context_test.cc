#include "federation/base/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace interlink::federation {
namespace {

const std::string kGoodHeader =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string With(size_t place, const std::string& text) {
  std::string changed = kGoodHeader;
  return changed.replace(place, text.size(), text);
}

TEST(TraceContextTest, AWellFormedOneIsKeptAsItCame) {
  for (const std::string& text :
       {kGoodHeader, With(53, "00"), With(53, "ff")}) {
    const auto trace = TraceContext::Parse(text);
    ASSERT_TRUE(trace.has_value()) << text;
    EXPECT_EQ(trace->text(), text);
  }
}

TEST(TraceContextTest, ABadOneIsIgnored) {
  for (const std::string& text : {std::string(),
                                  kGoodHeader.substr(0, 54),
                                  kGoodHeader + "0",
                                  kGoodHeader + "-00",
                                  " " + kGoodHeader,
                                  kGoodHeader + " ",
                                  With(0, "ff"),
                                  With(0, "0x"),
                                  With(2, "_"),
                                  With(35, "_"),
                                  With(52, "_"),
                                  With(3, "4BF9"),
                                  With(3, "4bg9"),
                                  With(3, std::string(32, '0')),
                                  With(36, std::string(16, '0')),
                                  With(53, "0g"),
                                  With(40, "\n"),
                                  With(40, std::string(1, '\0')),
                                  With(40, "\xc3\xa9"),
                                  std::string(55, '-'),
                                  std::string(8192, 'a')}) {
    EXPECT_FALSE(TraceContext::Parse(text).has_value()) << text;
  }
}

// "Vendors MUST use these fields to construct the new traceparent field
// according to the highest version of the specification known to the
// implementation (in this specification it is 00)."
TEST(TraceContextTest, OfALaterVersionWhatVersion00KnowsIsKept) {
  const std::string later = With(0, "cc");
  for (const std::string& text : {later, later + "-what-comes-then"}) {
    const auto trace = TraceContext::Parse(text);
    ASSERT_TRUE(trace.has_value()) << text;
    EXPECT_EQ(trace->text(), kGoodHeader);
  }
  EXPECT_EQ(TraceContext::Parse(later.substr(0, 53) + "fe")->text(),
            With(53, "00"));
  EXPECT_EQ(TraceContext::Parse(later.substr(0, 53) + "ab")->text(),
            kGoodHeader);
  EXPECT_FALSE(TraceContext::Parse(later + "x").has_value());
}

}  // namespace
}  // namespace interlink::federation
