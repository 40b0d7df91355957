#include "federation/peer/call_budget.h"

#include <gtest/gtest.h>

#include <string>

#include "federation/base/reason.h"
#include "google/rpc/error.pb.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using testing::IsOk;
using testing::Refuses;

class CallBudgetTest : public ::testing::Test {
 protected:
  // How many of `calls` calls in a row are allowed.
  int Allowed(const std::string& certificate, const std::string& source,
              int calls) {
    int allowed = 0;
    for (int i = 0; i < calls; ++i) {
      const PeerCaller caller{.certificate = {.leaf_pem = certificate},
                              .source = source + ":" + std::to_string(i)};
      allowed += budget_.Take(caller).ok() ? 1 : 0;
    }
    return allowed;
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  CallBudget budget_{loop_};
};

TEST_F(CallBudgetTest, ACallerHasABurstAndThenARate) {
  EXPECT_EQ(Allowed("a", "10.0.0.1", 1500), CallBudget::kAtOnce);
  time_.Advance(1s);
  EXPECT_EQ(Allowed("a", "10.0.0.1", 1500), CallBudget::kRate);
  // From another source, too.
  EXPECT_EQ(Allowed("a", "10.0.0.2", 10), 0);
}

TEST_F(CallBudgetTest, ANeighbourIsNotHeldUp) {
  Allowed("greedy", "10.0.0.1", 1500);
  EXPECT_EQ(Allowed("honest", "10.0.0.1", 30), 30);
}

TEST_F(CallBudgetTest, TheRefusalSaysWhenToComeAgain) {
  Allowed("a", "10.0.0.1", 1500);
  const absl::Status status =
      budget_.Take({.certificate = {.leaf_pem = "a"}, .source = "10.0.0.1:1"});
  EXPECT_THAT(status, Refuses(Reason::kRateLimited));
  EXPECT_TRUE(status.GetPayload(std::string(kRetryInfoUrl)).has_value());
}

TEST_F(CallBudgetTest, EverNewCertificatesOfOneSourceGetLittleEach) {
  int allowed = 0;
  for (int i = 0; i < 2 * CallBudget::kNewAtOnce; ++i) {
    allowed += Allowed("leaf " + std::to_string(i), "10.0.0.1", 50);
  }
  EXPECT_EQ(allowed,
            CallBudget::kNewAtOnce * (CallBudget::kAtOnce + CallBudget::kFew));
  // A new caller of that source is still served, and other sources see no
  // difference.
  EXPECT_EQ(Allowed("honest", "10.0.0.1", 1), 1);
  EXPECT_EQ(Allowed("far away", "10.0.0.2", 50), CallBudget::kAtOnce);
}

TEST_F(CallBudgetTest, OfThousandsOfCallersTheIdleOnesAreForgotten) {
  for (size_t i = 0; i < CallBudget::kMostCallers; ++i) {
    Allowed("leaf " + std::to_string(i), std::to_string(i), 1);
  }
  time_.Advance(10s);
  EXPECT_EQ(Allowed("one more", "10.0.0.1", 50), CallBudget::kAtOnce);
  EXPECT_EQ(Allowed("one more", "10.0.0.1", 50), 0);
}

}  // namespace
}  // namespace interlink::federation
