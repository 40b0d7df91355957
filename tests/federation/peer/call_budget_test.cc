#include "federation/peer/call_budget.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "federation/base/reason.h"
#include "google/rpc/error.pb.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::IsOk;
using testing::Refuses;

class CallBudgetTest : public ::testing::Test {
 protected:
  // How many of `calls` calls in a row are allowed; `link` speaks over the
  // connection that they come by.
  int Allowed(const std::string& certificate, const std::string& source,
              int calls, std::optional<store::InterlinkId> link = {}) {
    int allowed = 0;
    for (int i = 0; i < calls; ++i) {
      const PeerCaller caller{.certificate = {.leaf_pem = certificate},
                              .source = source + ":" + std::to_string(i)};
      allowed += budget_.Take(caller, link).ok() ? 1 : 0;
    }
    return allowed;
  }
  // The same of each of so many certificates.
  int AllowedOf(int certificates, const std::string& name,
                const std::string& source, int calls,
                std::optional<store::InterlinkId> link = {}) {
    int allowed = 0;
    for (int i = 0; i < certificates; ++i) {
      allowed += Allowed(name + std::to_string(i), source, calls, link);
    }
    return allowed;
  }
  // As long as `seconds`, as fast as anybody can.
  int AllowedFor(int seconds, int certificates, const std::string& source,
                 std::optional<store::InterlinkId> link = {}) {
    int allowed = 0;
    for (int i = 0; i < seconds * 20; ++i) {
      time_.Advance(50ms);
      allowed += AllowedOf(certificates, "leaf ", source, 2, link);
    }
    return allowed;
  }

  static store::InterlinkId Link(char name) {
    return *store::InterlinkId::FromBytes(std::string(16, name));
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
  const absl::Status status = budget_.Take(
      {.certificate = {.leaf_pem = "a"}, .source = "10.0.0.1:1"}, {});
  EXPECT_THAT(status, Refuses(Reason::kRateLimited));
  EXPECT_TRUE(status.GetPayload(std::string(kRetryInfoUrl)).has_value());
}

// As many certificates as one source may have connections.
TEST_F(CallBudgetTest, AllCertificatesOfOneSourceTogetherHaveARate) {
  constexpr int kLeaves = 256;
  const int first = AllowedFor(1, kLeaves, "10.0.0.1");
  EXPECT_GE(first, CallBudget::kSharedRate);
  EXPECT_LE(first, CallBudget::kSharedAtOnce + CallBudget::kSharedRate +
                       kLeaves * (CallBudget::kOwn + 1));
  // Not more in the long run either.
  EXPECT_LE(AllowedFor(10, kLeaves, "10.0.0.1"),
            10 * (CallBudget::kSharedRate + kLeaves * CallBudget::kOwnRate));
  const absl::Status status = budget_.Take(
      {.certificate = {.leaf_pem = "leaf 0"}, .source = "10.0.0.1:1"}, {});
  EXPECT_THAT(status, Refuses(Reason::kRateLimited));
  EXPECT_TRUE(status.GetPayload(std::string(kRetryInfoUrl)).has_value());
  // Another source sees no difference.
  EXPECT_EQ(Allowed("far away", "10.0.0.2", 50), CallBudget::kAtOnce);
}

TEST_F(CallBudgetTest, OneNetworkIsOneSource) {
  AllowedFor(1, 256, "[2001:db8:0:1::1]");
  EXPECT_EQ(Allowed("new", "[2001:db8:0:1:ffff::2]", 50), CallBudget::kOwn);
  EXPECT_EQ(Allowed("far away", "[2001:db8:0:2::1]", 50), CallBudget::kAtOnce);
}

// Its connection may have just been broken, so that it has to prove itself
// anew, by a call that the loop decides.
TEST_F(CallBudgetTest, ACrowdDoesNotShutOutWhoComesFromTheSameSource) {
  AllowedFor(1, 256, "10.0.0.1");
  EXPECT_EQ(Allowed("honest", "10.0.0.1", 50), CallBudget::kOwn);
  for (int i = 0; i < 10; ++i) {
    AllowedFor(2, 256, "10.0.0.1");
    EXPECT_EQ(Allowed("honest", "10.0.0.1", 1), 1);
  }
}

TEST_F(CallBudgetTest, ALinkedConnectionDoesNotPayFromItsSource) {
  AllowedFor(1, 256, "10.0.0.1");
  EXPECT_EQ(Allowed("honest", "10.0.0.1", 50, Link('a')), CallBudget::kAtOnce);
  // Nor does its peer who spends all of the link's calls harm the source.
  AllowedFor(1, 256, "10.0.0.2", Link('b'));
  EXPECT_EQ(Allowed("stranger", "10.0.0.2", 50), CallBudget::kAtOnce);
}

TEST_F(CallBudgetTest, AllCertificatesOfOneLinkTogetherHaveARate) {
  constexpr int kLeaves = 256;
  AllowedFor(1, kLeaves, "10.0.0.1", Link('a'));
  // Wherever they come from.
  EXPECT_LE(AllowedFor(10, kLeaves, "10.0.0.2", Link('a')),
            10 * (CallBudget::kSharedRate + kLeaves * CallBudget::kOwnRate));
}

TEST_F(CallBudgetTest, EverNewCertificatesOfOneSourceGetLittleEach) {
  constexpr int kLeaves = 2000;
  // The first few take all that there is to share.
  constexpr int kFirst = CallBudget::kSharedAtOnce / CallBudget::kAtOnce;
  EXPECT_EQ(AllowedOf(kLeaves, "leaf ", "10.0.0.1", 50),
            CallBudget::kSharedAtOnce + (kLeaves - kFirst) * CallBudget::kOwn);
  // A new caller of that source is still served, and other sources see no
  // difference.
  EXPECT_EQ(Allowed("honest", "10.0.0.1", 1), 1);
  EXPECT_EQ(Allowed("far away", "10.0.0.2", 50), CallBudget::kAtOnce);
}

// As after a restart of this daemon, when a provider's accounts come back.
TEST_F(CallBudgetTest, AThousandNeighboursMayCallAtOnce) {
  EXPECT_EQ(AllowedOf(1000, "leaf ", "10.0.0.1", 2), 2000);
}

TEST_F(CallBudgetTest, OfThousandsOfCallersTheIdleOnesAreForgotten) {
  for (size_t i = 0; i < CallBudget::kMostCallers; ++i) {
    Allowed("leaf " + std::to_string(i), std::to_string(i), 1);
  }
  time_.Advance(10s);
  EXPECT_EQ(Allowed("one more", "10.0.0.1", 50), CallBudget::kAtOnce);
  EXPECT_EQ(Allowed("one more", "10.0.0.1", 50), 0);
}

TEST_F(CallBudgetTest, BusyCallersBeyondThoseThousandsShareTheirSourcesCalls) {
  const auto callers = static_cast<int>(CallBudget::kMostCallers);
  AllowedOf(callers, "busy ", "10.0.0.1", 1);
  EXPECT_EQ(AllowedOf(1000, "leaf ", "10.0.0.2", 2), CallBudget::kSharedAtOnce);
}

TEST_F(CallBudgetTest, BusySourcesBeyondThoseThousandsShareOneBudget) {
  for (size_t i = 0; i < CallBudget::kMostCallers; ++i) {
    Allowed("leaf", std::to_string(i), 1);
    Allowed("leaf " + std::to_string(i), std::to_string(i), 1);
  }
  EXPECT_EQ(Allowed("new", "10.0.0.1", 1000), CallBudget::kSharedAtOnce);
  EXPECT_EQ(Allowed("new too", "10.0.0.2", 1000), 0);
  time_.Advance(1s);
  EXPECT_EQ(Allowed("new", "10.0.0.1", 30), 30);
}

}  // namespace
}  // namespace interlink::federation
