#include "federation/identity/verified_callers.h"

#include <gtest/gtest.h>

#include "tests/federation/identity/test_time.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/certificate_forge.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""h;
using testing::ForgedCertificate;
using testing::ForgeOptions;
using testing::IsOk;
using testing::Refuses;

class VerifiedCallersTest : public ::testing::Test {
 protected:
  static store::AccountId Account(char fill) {
    return *store::AccountId::FromHex(std::string(32, fill));
  }
  static ForgedCertificate Root(const std::string& name) {
    return ForgedCertificate::SelfSigned(ForgeOptions::Authority(name));
  }
  static ForgeOptions DayLeaf() {
    ForgeOptions options = ForgeOptions::LeafOf(Account('a'));
    options.not_after = testing::ToAsn1(kNow + 24h);
    return options;
  }
  absl::Status Check(const ForgedCertificate& leaf,
                     const ForgedCertificate& root, char account = 'a',
                     WallTime now = kNow) {
    return callers_.Check({leaf.pem(), ""}, Account(account), root.der(), now);
  }

  const ForgedCertificate root_ = Root("account");
  const ForgedCertificate leaf_ = root_.Issue(DayLeaf());
  VerifiedCallers callers_;
};

TEST_F(VerifiedCallersTest, AVerifiedCallerIsRemembered) {
  const auto between = root_.Issue(ForgeOptions::Authority("between"));
  const PresentedChain whole{between.Issue(DayLeaf()).pem(), between.pem()};
  // Without what leads to the root it can only be known from before.
  const PresentedChain leaf_alone{whole.leaf_pem, ""};
  const auto check = [&](const PresentedChain& chain) {
    return callers_.Check(chain, Account('a'), root_.der(), kNow);
  };
  EXPECT_THAT(check(leaf_alone), Refuses(Reason::kNotPermitted));
  EXPECT_THAT(check(whole), IsOk());
  EXPECT_THAT(check(leaf_alone), IsOk());
}

TEST_F(VerifiedCallersTest, AResultIsForOneLeafRootAndAccount) {
  const auto other = Root("account");
  ASSERT_THAT(Check(leaf_, root_), IsOk());
  EXPECT_THAT(Check(other.Issue(DayLeaf()), root_),
              Refuses(Reason::kNotPermitted));
  EXPECT_THAT(Check(leaf_, other), Refuses(Reason::kNotPermitted));
  EXPECT_THAT(Check(leaf_, root_, 'b'), Refuses(Reason::kNotPermitted));
  EXPECT_THAT(Check(leaf_, leaf_), Refuses(Reason::kRequestInvalid));
}

TEST_F(VerifiedCallersTest, AResultEndsWithTheLeaf) {
  ASSERT_THAT(Check(leaf_, root_), IsOk());
  EXPECT_THAT(Check(leaf_, root_, 'a', kNow + 48h),
              Refuses(Reason::kNotPermitted));
}

}  // namespace
}  // namespace interlink::federation
