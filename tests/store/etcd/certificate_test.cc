// An etcd that knows its users by their certificates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "tests/store/etcd/etcd_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using interlink::testing::TestAuthority;
using interlink::testing::TlsFiles;
using ::testing::AllOf;
using ::testing::HasSubstr;

using EtcdCertificateTest = EtcdTest;

TEST_F(EtcdCertificateTest, ACertificateOpensItsOwnPrefixOnly) {
  const interlink::testing::TempDir directory;
  const TestAuthority authority(directory.File("ca"));
  const TlsFiles files =
      authority.Issue(directory.File("etcd"), "DNS:localhost,IP:127.0.0.1");
  Begin({.tls = Cluster::Certificates{authority.certificate(),
                                      files.certificate, files.key}});
  ASSERT_THAT(Put("a", "1"), IsOk());
  // The common name of the test's certificates is "forged".
  for (const std::string& command :
       {std::string("role add il"),
        "role grant-permission il --prefix=true readwrite " + account_.prefix,
        std::string("user add forged --no-password"),
        std::string("user grant-role forged il"),
        std::string("user add root:secret"),
        std::string("user grant-role root root"), std::string("auth enable")}) {
    cluster_->Ctl(command);
  }
  ASSERT_TRUE(PutAtLast("a", "2"));
  Open();
  EXPECT_THAT(Put("a", "3"), IsOk());

  // A user may lose what he may do, and get it back.
  const std::string as_root = "--user=root:secret role ";
  cluster_->Ctl(as_root + "revoke-permission il --prefix " + account_.prefix);
  const auto forbidden = StatusIs(absl::StatusCode::kUnavailable,
                                  AllOf(HasSubstr("permission denied"),
                                        HasSubstr("role grant-permission")));
  EXPECT_THAT(Put("a", "4"), forbidden);
  EXPECT_THAT(database_->failure(), forbidden);
  EXPECT_EQ(Value("a"), "3");
  cluster_->Ctl(as_root + "grant-permission il --prefix=true readwrite " +
                account_.prefix);
  ASSERT_TRUE(RunUntilMended());
  EXPECT_THAT(Put("a", "5"), IsOk());

  const std::string prefix = std::exchange(account_.prefix, "/another/");
  EXPECT_THAT(OpenEtcd(account_, loop_.Workplace()), forbidden);
  // Without a certificate nobody answers.
  account_.prefix = prefix;
  account_.tls->certificate.clear();
  account_.tls->private_key.clear();
  account_.patience = std::chrono::milliseconds(300);
  EXPECT_THAT(OpenEtcd(account_, loop_.Workplace()),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("the certificates fit")));
}

}  // namespace
}  // namespace interlink::store
