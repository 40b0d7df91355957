#include "federation/identity/certificate.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <ostream>

#include "federation/identity/identity.h"
#include "federation/identity/peer_verification.h"
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
using testing::StatusIs;

store::AccountId AccountOf(char fill) {
  return *store::AccountId::FromHex(std::string(32, fill));
}

std::string Repeated(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(CertificateTest, DerAndPemReadBackWhatTheyWrote) {
  const auto root =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root"));
  auto again = Certificate::FromDer(root.der());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->ToDer(), root.der());
  auto list = Certificate::ListFromPem(root.pem() + root.pem());
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->back().ToDer(), root.der());
  EXPECT_EQ(list->back().SpkiSha256(), root.certificate().SpkiSha256());
}

TEST(CertificateTest, DerOfAnyOtherLengthIsRefused) {
  const std::string der =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root")).der();
  EXPECT_THAT(Certificate::FromDer(""), Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Certificate::FromDer(der + "x"),
              Refuses(Reason::kRequestInvalid));
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_THAT(Certificate::FromDer(der.substr(0, size)),
                Refuses(Reason::kRequestInvalid));
  }
}

TEST(CertificateTest, AnOversizedCertificateIsRefused) {
  ForgeOptions options = ForgeOptions::Authority("root");
  for (int i = 0; i < 400; ++i) {
    options.sans.push_back("DNS:" + std::to_string(i) + std::string(45, 'x'));
  }
  const auto large = ForgedCertificate::SelfSigned(options);
  ASSERT_GT(large.der().size(), Certificate::kMaxBytes);
  EXPECT_THAT(Certificate::FromDer(large.der()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Certificate::ListFromPem(large.pem()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CertificateTest, ListsAreBoundedAndNothingButCertificates) {
  const std::string pem =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root")).pem();
  EXPECT_THAT(Certificate::ListFromPem(""), IsOk());
  EXPECT_THAT(Certificate::ListFromPem(" \n"), IsOk());
  EXPECT_THAT(Certificate::ListFromPem(Repeated(pem, 4)), IsOk());
  EXPECT_THAT(Certificate::ListFromPem(pem + "\n\n"), IsOk());
  EXPECT_THAT(Certificate::ListFromPem(Repeated(pem, 5)),
              Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Certificate::ListFromPem("garbage"),
              Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Certificate::ListFromPem(pem.substr(0, pem.size() / 2)),
              Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Certificate::ListFromPem(pem + pem.substr(0, 100)),
              Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(Certificate::ListFromPem(std::string(1 << 20, 'A')),
              Refuses(Reason::kRequestInvalid));
}

// The next TLS read of this thread would take the error for its own.
TEST(CertificateTest, ARefusalLeavesNoErrorInTheThreadsQueue) {
  ERR_clear_error();
  EXPECT_FALSE(Certificate::FromDer("garbage").ok());
  EXPECT_FALSE(Certificate::ListFromPem("garbage").ok());
  const auto root =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root"));
  const auto other =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root"));
  ERR_clear_error();
  auto forged =
      Certificate::FromDer(other.SignAgain(root.certificate()).ToDer());
  ASSERT_THAT(forged, IsOk());
  EXPECT_FALSE(forged->IsSelfSignedRoot());
  const std::string leaf =
      other.Issue(ForgeOptions::LeafOf(AccountOf('a'))).pem();
  EXPECT_FALSE(VerifyPeer({AccountOf('a'), {root.der()}, {}}, {leaf, ""},
                          TlsSide::kClient, kNow)
                   .ok());
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(CertificateTest, OnlyACaThatSignedItselfIsARoot) {
  const auto root =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root"));
  const auto other =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root"));
  EXPECT_TRUE(root.certificate().IsSelfSignedRoot());
  EXPECT_FALSE(other.SignAgain(root.certificate()).IsSelfSignedRoot());
  EXPECT_FALSE(root.Issue(ForgeOptions::Authority("below"))
                   .certificate()
                   .IsSelfSignedRoot());
  EXPECT_FALSE(
      ForgedCertificate::SelfSigned({}).certificate().IsSelfSignedRoot());
}

TEST(CertificateTest, DatesBeyondEveryClockAreTheEndsOfIt) {
  ForgeOptions options = ForgeOptions::Authority("root");
  options.not_before = "00010101000000Z";
  const auto root = ForgedCertificate::SelfSigned(options);
  EXPECT_LE(root.certificate().NotBefore(), WallTime());
  EXPECT_GT(root.certificate().NotAfter(), kNow + 24h * 365 * 100);
}

struct AccountNameCase {
  const char* name;
  std::vector<std::string> sans;
  bool names_a;
  friend void PrintTo(const AccountNameCase& c, std::ostream* out) {
    *out << c.name;
  }
};

class AccountNameTest : public ::testing::TestWithParam<AccountNameCase> {};

TEST_P(AccountNameTest, IsReadOnlyFromExactlyOneUri) {
  ForgeOptions options;
  options.sans = GetParam().sans;
  const auto leaf = ForgedCertificate::SelfSigned(options);
  const auto name = leaf.certificate().AccountName();
  EXPECT_EQ(name == AccountOf('a'), GetParam().names_a);
  EXPECT_EQ(name.has_value(), GetParam().names_a);
}

const std::string kUriOfA = "URI:interlink://account/" + std::string(32, 'a');
INSTANTIATE_TEST_SUITE_P(
    , AccountNameTest,
    ::testing::Values(
        AccountNameCase{"OneUri", {kUriOfA}, true},
        AccountNameCase{"WithDns", {"DNS:b.example", kUriOfA}, true},
        AccountNameCase{"None", {}, false},
        AccountNameCase{"DnsOnly",
                        {"DNS:" + std::string(32, 'a') + ".interlink.internal"},
                        false},
        AccountNameCase{"TheSameTwice", {kUriOfA, kUriOfA}, false},
        AccountNameCase{
            "TwoAccounts",
            {kUriOfA, "URI:interlink://account/" + std::string(32, 'b')},
            false},
        AccountNameCase{
            "ForeignUriAfter", {kUriOfA, "URI:spiffe://example/a"}, true},
        AccountNameCase{
            "ForeignUriBefore", {"URI:spiffe://example/a", kUriOfA}, true},
        AccountNameCase{"Role", {"URI:interlink://role/admin"}, false},
        AccountNameCase{"TooLong", {kUriOfA + "a"}, false},
        AccountNameCase{"UpperCase",
                        {"URI:interlink://account/" + std::string(32, 'A')},
                        false}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace interlink::federation
