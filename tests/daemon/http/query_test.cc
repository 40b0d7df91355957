#include "daemon/http/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::HasSubstr;

TEST(QueryTest, HasItsParametersInAnyOrder) {
  const auto query = Query::Parse("number=201&from=100&&empty=&bare");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->Get("number"), "201");
  EXPECT_EQ(query->Get("from"), "100");
  EXPECT_EQ(query->Find("empty"), "");
  EXPECT_EQ(query->Find("bare"), "");
  EXPECT_EQ(query->Find("other"), std::nullopt);
  EXPECT_EQ(query->Get("other"), "");
  EXPECT_THAT(Query::Parse(""), IsOk());
}

TEST(QueryTest, DecodesBothNamesAndValues) {
  const auto query = Query::Parse("n%61me=J%C3%bcrgen%20%26%3d");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->Get("name"), "J\xc3\xbcrgen &=");
}

TEST(QueryTest, APlusIsAPlus) {
  const auto query = Query::Parse("from=+4930123&equals=a=b");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->Get("from"), "+4930123");
  EXPECT_EQ(query->Get("equals"), "a=b");
}

TEST(QueryTest, ADamagedOneIsRefused) {
  for (const char* text :
       {"number=%", "number=%2", "number=%2x", "number=%%32", "%=1",
        "number=2%0001", "number=%0d%0aX-Y:z", "number=%7f", "number=%ff",
        "number=%c0%80", "number=\xff", "number=201&number=202",
        "number=201&n%75mber=201",
        "1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17"}) {
    EXPECT_THAT(Query::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("REQUEST_INVALID")))
        << text;
  }
}

}  // namespace
}  // namespace interlink::daemon
