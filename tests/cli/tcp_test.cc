#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "grpcpp/security/server_credentials.h"
#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;

// A certificate for `host` that signed itself, and its key, as PEM files: for
// a test it is authority, server and client in one.
struct TlsFiles {
  TlsFiles(const std::string& stem, const std::string& host)
      : certificate(stem + ".pem"), key(stem + ".key") {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(
        EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(),
                                                           X509_free);
    X509_set_version(x509.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
    X509_NAME* name = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(host.data()),
        static_cast<int>(host.size()), -1, 0);
    X509_set_issuer_name(x509.get(), name);
    X509_set_pubkey(x509.get(), pair.get());
    const std::string san = "DNS:" + host;
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(
        nullptr, nullptr, NID_subject_alt_name, san.c_str());
    X509_add_ext(x509.get(), extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(x509.get(), pair.get(), EVP_sha256());
    std::FILE* file = std::fopen(certificate.c_str(), "w");
    PEM_write_X509(file, x509.get());
    std::fclose(file);
    file = std::fopen(key.c_str(), "w");
    PEM_write_PrivateKey(file, pair.get(), nullptr, nullptr, 0, nullptr,
                         nullptr);
    std::fclose(file);
  }

  std::string certificate;
  std::string key;
};

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Clients must show `tls` itself.
std::shared_ptr<grpc::ServerCredentials> ServerOf(const TlsFiles& tls) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = Text(tls.certificate);
  options.pem_key_cert_pairs = {{Text(tls.key), Text(tls.certificate)}};
  return grpc::SslServerCredentials(options);
}

class TcpTest : public ::testing::Test {
 protected:
  ExitCode Run(const TlsFiles& shown, const TlsFiles& trusted,
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
        trusted.certificate};
    words.insert(words.end(), more.begin(), more.end());
    return ctl_.Run(words);
  }

  interlink::testing::TempDir dir_;
  TlsFiles tls_{dir_.File("tls"), "pbx.example"};
  TlsFiles other_{dir_.File("other"), "pbx.example"};
  FakeDaemon daemon_{ServerOf(tls_)};
  Ctl ctl_{""};
};

TEST_F(TcpTest, BothSidesShowCertificatesThatTheOtherTrusts) {
  EXPECT_EQ(Run(tls_, tls_, {"--server-name", "pbx.example"}), ExitCode::kDone)
      << ctl_.err;
  EXPECT_THAT(ctl_.out, HasSubstr("Mike Brown"));
}

TEST_F(TcpTest, AServerOfAnotherAuthorityOrNameIsNotTalkedTo) {
  EXPECT_EQ(Run(tls_, other_, {"--server-name", "pbx.example"}),
            ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("no connection to interlinkd at 127.0.0.1:"));
  EXPECT_EQ(Run(tls_, tls_, {}), ExitCode::kUnreachable);
}

TEST_F(TcpTest, AFileThatCannotBeReadIsWrongUsage) {
  TlsFiles missing = tls_;
  missing.key = dir_.File("none.key");
  EXPECT_EQ(Run(missing, tls_, {}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("none.key"));
}

}  // namespace
}  // namespace interlink::cli
