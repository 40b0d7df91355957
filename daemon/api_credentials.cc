#include "daemon/api_credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/statusor.h"

namespace interlink::daemon {
namespace {

constexpr unsigned kRefreshSeconds = 10;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

absl::StatusOr<std::string> ReadFile(const std::string& option,
                                     const std::string& path) {
  std::ifstream file(path);
  std::stringstream contents;
  contents << file.rdbuf();
  if (!file) {
    return absl::InvalidArgumentError(option + ": " + path + " cannot be read");
  }
  return contents.str();
}

Bio Reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
             BIO_free);
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& option,
                                            const std::string& path) {
  auto pem = ReadFile(option, path);
  if (!pem.ok()) return pem.status();
  Certificate certificate(
      PEM_read_bio_X509(Reader(*pem).get(), nullptr, nullptr, nullptr),
      X509_free);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(option + ": " + path +
                                      " does not begin with a certificate in "
                                      "PEM");
  }
  return certificate;
}

absl::StatusOr<Key> ReadKey(const std::string& option,
                            const std::string& path) {
  auto pem = ReadFile(option, path);
  if (!pem.ok()) return pem.status();
  // OpenSSL would otherwise ask at the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key key(PEM_read_bio_PrivateKey(Reader(*pem).get(), nullptr, no_password,
                                  nullptr),
          EVP_PKEY_free);
  if (key == nullptr) {
    return absl::InvalidArgumentError(option + ": " + path +
                                      " is not a private key in PEM without a "
                                      "password");
  }
  return key;
}

// gRPC takes broken files without a word and then refuses every handshake.
absl::Status Check(const ApiTlsFiles& files) {
  const auto certificate = ReadCertificate("--api-cert", files.certificate);
  if (!certificate.ok()) return certificate.status();
  const auto key = ReadKey("--api-key", files.key);
  if (!key.ok()) return key.status();
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    return absl::InvalidArgumentError("--api-key: " + files.key +
                                      " is not the key of the certificate in " +
                                      files.certificate);
  }
  return ReadCertificate("--api-client-ca", files.client_ca).status();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ApiServerCredentials(
    const ApiTlsFiles& files) {
  if (auto status = Check(files); !status.ok()) return status;
  namespace tls = grpc::experimental;
  auto provider = std::make_shared<tls::FileWatcherCertificateProvider>(
      files.key, files.certificate, files.client_ca, kRefreshSeconds);
  tls::TlsServerCredentialsOptions options(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(options);
}

}  // namespace interlink::daemon
