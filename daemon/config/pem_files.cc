#include "daemon/config/pem_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace interlink {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio Reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
             BIO_free);
}

Certificate NextCertificate(const Bio& reader) {
  return Certificate(PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr),
                     X509_free);
}

Key ReadKey(const std::string& pem) {
  // OpenSSL would otherwise ask at the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key key(
      PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, no_password, nullptr),
      EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

// How many certificates begin or end in `pem`, whichever are more. OpenSSL
// takes only a line of its own for such a mark, with five dashes, and passes
// over all else as if it were not there.
int MarkedCertificates(std::string_view pem) {
  const auto count = [pem](const std::string& mark) {
    int found = 0;
    for (size_t at = pem.find(mark); at != pem.npos;
         at = pem.find(mark, at + mark.size())) {
      const bool is_request =
          pem.substr(at + mark.size()).starts_with(" REQUEST");
      if (!is_request) ++found;
    }
    return found;
  };
  int begun = 0;
  int ended = 0;
  for (const char* kind :
       {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PKCS7"}) {
    begun += count(std::string("BEGIN ") + kind);
    ended += count(std::string("END ") + kind);
  }
  return std::max(begun, ended);
}

}  // namespace

// All of them must be sound: gRPC would skip a damaged authority, and refuse
// every handshake if an intermediate certificate is damaged.
absl::Status CheckCertificates(const std::string& pem) {
  const Bio reader = Reader(pem);
  ERR_clear_error();
  int number = 1;
  while (NextCertificate(reader) != nullptr) ++number;
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) {
    return absl::InvalidArgumentError(
        "cannot be read: its certificate number " + std::to_string(number) +
        " is damaged");
  }
  if (MarkedCertificates(pem) >= number) {
    return absl::InvalidArgumentError(
        "cannot be read: one of its certificates does not stand between a line "
        "-----BEGIN CERTIFICATE----- and a line -----END CERTIFICATE-----");
  }
  if (number > 1) return absl::OkStatus();
  return absl::InvalidArgumentError("holds no certificate in PEM");
}

absl::Status CheckKey(const std::string& pem) {
  if (ReadKey(pem) != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "is not a private key in PEM without a password");
}

bool IsPair(const std::string& certificates, const std::string& key) {
  const Certificate first = NextCertificate(Reader(certificates));
  const Key its_key = ReadKey(key);
  const bool is_pair = first != nullptr && its_key != nullptr &&
                       X509_check_private_key(first.get(), its_key.get()) == 1;
  ERR_clear_error();
  return is_pair;
}

}  // namespace interlink
