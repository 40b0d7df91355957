#include "federation/routing/dial_prefixes.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/seeded_randomness.h"

namespace interlink::federation {
namespace {

class DialPrefixesTest : public ::testing::Test {
 protected:
  void Set(store::InterlinkId id, const std::string& prefix) {
    Row row;
    row.record.set_state(store::v1::ROW_STATE_ESTABLISHED);
    row.record.set_dial_prefix(prefix);
    prefixes_.Set(id, &row);
  }
  std::optional<store::InterlinkId> LinkOf(const std::string& dialled) const {
    return prefixes_.TargetOf(*store::InternalNumber::Parse(dialled)).only;
  }

  interlink::testing::SeededRandomness randomness_{1};
  const store::InterlinkId a_ = randomness_.NewId<store::InterlinkId>();
  const store::InterlinkId b_ = randomness_.NewId<store::InterlinkId>();
  DialPrefixes prefixes_;
};

// The rows of one commit come one after the other, in any order.
TEST_F(DialPrefixesTest, ALinkThatLosesAPrefixLeavesItToItsNextOwner) {
  Set(a_, "8");
  Set(b_, "8");
  Set(a_, "");
  EXPECT_EQ(LinkOf("8201"), b_);
  Set(a_, "9");
  prefixes_.Set(a_, nullptr);
  EXPECT_EQ(LinkOf("9201"), std::nullopt);
  EXPECT_EQ(LinkOf("8201"), b_);
}

TEST_F(DialPrefixesTest, ALinkHasOnePrefixAtATime) {
  Set(a_, "8");
  Set(a_, "9");
  EXPECT_EQ(LinkOf("8201"), std::nullopt);
  EXPECT_EQ(LinkOf("9201"), a_);
}

}  // namespace
}  // namespace interlink::federation
