#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/security/server_credentials.h"
#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;

using interlink::testing::ContentsOf;
using interlink::testing::TestAuthority;
using interlink::testing::TlsFiles;

// Shows `tls`, and wants of clients a certificate of the same authority.
std::shared_ptr<grpc::ServerCredentials> ServerOf(
    const TestAuthority& authority, const TlsFiles& tls) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ContentsOf(authority.certificate());
  options.pem_key_cert_pairs = {
      {ContentsOf(tls.key), ContentsOf(tls.certificate)}};
  return grpc::SslServerCredentials(options);
}

class TcpTest : public ::testing::Test {
 protected:
  ExitCode Run(const TlsFiles& shown, const TestAuthority& trusted,
               std::vector<std::string> more) {
    std::vector<std::string> words = {
        "status",
        "--api",
        "127.0.0.1:" + std::to_string(daemon_.port()),
        "--cert",
        shown.certificate,
        "--key",
        shown.key,
        "--ca",
        trusted.certificate()};
    words.insert(words.end(), more.begin(), more.end());
    return ctl_.Run(words);
  }

  interlink::testing::TempDir dir_;
  TestAuthority authority_{dir_.File("ca")};
  TestAuthority other_{dir_.File("other")};
  TlsFiles tls_ = authority_.Issue(dir_.File("tls"), "DNS:pbx.example");
  FakeDaemon daemon_{ServerOf(authority_, tls_)};
  Ctl ctl_{""};
};

TEST_F(TcpTest, BothSidesShowCertificatesThatTheOtherTrusts) {
  EXPECT_EQ(Run(tls_, authority_, {"--server-name", "pbx.example"}),
            ExitCode::kDone)
      << ctl_.err;
  EXPECT_THAT(ctl_.out, HasSubstr("Mike Brown"));
}

TEST_F(TcpTest, AServerOfAnotherAuthorityOrNameIsNotTalkedTo) {
  EXPECT_EQ(Run(tls_, other_, {"--server-name", "pbx.example"}),
            ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("no connection to interlinkd at 127.0.0.1:"));
  EXPECT_EQ(Run(tls_, authority_, {}), ExitCode::kUnreachable);
}

TEST_F(TcpTest, TlsErrorsNameTheOptionAndTheFile) {
  const TlsFiles more = authority_.Issue(dir_.File("more"), "DNS:x");
  EXPECT_EQ(Run({tls_.certificate, more.key}, authority_, {}),
            ExitCode::kUsage);
  EXPECT_THAT(ctl_.err,
              HasSubstr("--key: " + more.key + " does not belong to --cert " +
                        tls_.certificate));
  EXPECT_EQ(Run({tls_.key, tls_.key}, authority_, {}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("--cert: " + tls_.key +
                                  " holds no certificate in PEM"));
  EXPECT_EQ(Run({tls_.certificate, tls_.certificate}, authority_, {}),
            ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("--key: "));
  EXPECT_EQ(Run({dir_.File("no.pem"), tls_.key}, authority_, {}),
            ExitCode::kUsage);
  EXPECT_THAT(ctl_.err,
              HasSubstr("--cert: there is no file " + dir_.File("no.pem")));
}

// With the damaged one left out, gRPC would find no way to some daemons only.
TEST_F(TcpTest, EachAuthorityOfTheFileIsChecked) {
  const std::string root = ContentsOf(authority_.certificate());
  std::string damaged = root;
  damaged.insert(damaged.size() / 2, "!");
  std::ofstream(authority_.certificate()) << root << damaged;
  EXPECT_EQ(Run(tls_, authority_, {}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("--ca: " + authority_.certificate() +
                                  " cannot be read: its certificate number 2 "
                                  "is damaged"));
}

TEST_F(TcpTest, ACertificateForAnotherNameIsTold) {
  EXPECT_EQ(Run(tls_, authority_, {"--server-name", "foo"}),
            ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("its certificate is not for foo"));
}

// No name server is asked for a name that cannot be one.
TEST_F(TcpTest, AHostNameThatIsNotKnownIsTold) {
  EXPECT_EQ(ctl_.Run({"status", "--api", "pbx..example:7443", "--cert",
                      tls_.certificate, "--key", tls_.key, "--ca",
                      authority_.certificate()}),
            ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err,
              HasSubstr("no connection to interlinkd at pbx..example:7443 (the "
                        "host name is not known)"));
}

TEST_F(TcpTest, AnAddressWithoutAPortIsWrongUsage) {
  EXPECT_EQ(
      ctl_.Run({"status", "--api", "localhost", "--cert", tls_.certificate,
                "--key", tls_.key, "--ca", authority_.certificate()}),
      ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("--api is HOST:PORT"));
}

TEST_F(TcpTest, AFileThatCannotBeReadIsWrongUsage) {
  TlsFiles missing = tls_;
  missing.key = dir_.File("none.key");
  EXPECT_EQ(Run(missing, authority_, {}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("none.key"));
}

}  // namespace
}  // namespace interlink::cli
