#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include "federation/base/reason.h"
#include "tests/support/simulated_account.h"
#include "tests/support/status_matchers.h"

namespace interlink::testing {

using federation::Reason;
using federation::ReasonOf;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

MATCHER_P(HasReason, reason,
          "has the reason " + std::string(federation::ReasonName(reason))) {
  *result_listener << StatusOf(arg).ToString();
  return ReasonOf(StatusOf(arg)) == reason;
}

// Accounts of the manual's example, and what their administrators do.
class AccountsTest : public ::testing::Test {
 protected:
  void Advance(federation::Duration by) { time.Advance(by); }

  // Mike generates a key, John enters it.
  void Link(SimulatedAccount& issuer, SimulatedAccount& redeemer) {
    auto key = issuer.GenerateKey(redeemer.name());
    ASSERT_THAT(key, IsOk());
    auto row = redeemer.Link(issuer.name(), *key);
    ASSERT_THAT(row, IsOk());
    ASSERT_EQ(row->state(), api::INTERLINK_STATE_ESTABLISHED);
  }

  // Both have one established row, of the same id, or both have none.
  static void ExpectAgree(const SimulatedAccount& a, const SimulatedAccount& b,
                          size_t rows) {
    ASSERT_THAT(a.Rows(), SizeIs(rows)) << a.name();
    ASSERT_THAT(b.Rows(), SizeIs(rows)) << b.name();
    if (rows == 0) return;
    EXPECT_EQ(a.Rows()[0].id(), b.Rows()[0].id());
    EXPECT_EQ(a.Rows()[0].state(), api::INTERLINK_STATE_ESTABLISHED);
    EXPECT_EQ(b.Rows()[0].state(), api::INTERLINK_STATE_ESTABLISHED);
  }

  VirtualTime time;
  SimulatedNetwork network{time};
  SimulatedAccount mike{time, network, "Mike Brown"};
  SimulatedAccount john{time, network, "John Smith"};
  SimulatedAccount tim{time, network, "Tim Andrews"};
};

}  // namespace interlink::testing
