#include "daemon/cli/api/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <tuple>

#include "daemon/cli/api/failure.h"

namespace interlink::cli {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

grpc::Status Refuse(const std::string& sentence) {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "TLS_FILE_INVALID",
                      sentence);
}

grpc::Status ReadPem(const std::string& option, const std::string& path,
                     std::string* text) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  text->assign(kMaxPemBytes + 1, '\0');
  file.read(text->data(), static_cast<std::streamsize>(text->size()));
  text->resize(static_cast<size_t>(file.gcount()));
  if (text->empty()) {
    return Refuse(option + ": cannot read " + path + ": " +
                  (errno == 0 ? "it is empty" : std::strerror(errno)));
  }
  if (text->size() > kMaxPemBytes) {
    return Refuse(option + ": " + path + " is too large for a PEM file");
  }
  return grpc::Status::OK;
}

Bio Reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
             BIO_free);
}

Certificate FirstCertificate(const std::string& pem) {
  return Certificate(
      PEM_read_bio_X509(Reader(pem).get(), nullptr, nullptr, nullptr),
      X509_free);
}

Key PrivateKey(const std::string& pem) {
  // OpenSSL would otherwise ask at the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  return Key(
      PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, no_password, nullptr),
      EVP_PKEY_free);
}

}  // namespace

grpc::Status ReadTlsFiles(const std::string& certificate,
                          const std::string& key, const std::string& ca,
                          grpc::SslCredentialsOptions* options) {
  for (const auto& [option, path, text] :
       {std::tuple("--cert", &certificate, &options->pem_cert_chain),
        std::tuple("--key", &key, &options->pem_private_key),
        std::tuple("--ca", &ca, &options->pem_root_certs)}) {
    grpc::Status status = ReadPem(option, *path, text);
    if (!status.ok()) return status;
  }
  const Certificate shown = FirstCertificate(options->pem_cert_chain);
  const Key its_key = PrivateKey(options->pem_private_key);
  const bool has_authority =
      FirstCertificate(options->pem_root_certs) != nullptr;
  const bool is_pair = shown != nullptr && its_key != nullptr &&
                       X509_check_private_key(shown.get(), its_key.get()) == 1;
  ERR_clear_error();
  if (shown == nullptr) {
    return Refuse("--cert: " + certificate + " holds no certificate in PEM");
  }
  if (its_key == nullptr) {
    return Refuse("--key: " + key +
                  " is not a private key in PEM without a password");
  }
  if (!is_pair) {
    return Refuse("--key: " + key + " does not belong to --cert " +
                  certificate);
  }
  if (!has_authority) {
    return Refuse("--ca: " + ca + " holds no certificate in PEM");
  }
  return grpc::Status::OK;
}

}  // namespace interlink::cli
