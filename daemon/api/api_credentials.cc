#include "daemon/api/api_credentials.h"

#include <grpc/grpc.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "daemon/system/text_file.h"

namespace interlink::daemon {
namespace {

constexpr std::chrono::seconds kLookInterval{10};

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

absl::Status Unusable(const std::string& option, const std::string& path,
                      const std::string& why) {
  return absl::InvalidArgumentError(option + ": " + path + " " + why);
}

absl::StatusOr<std::string> ReadFile(const std::string& option,
                                     const std::string& path) {
  auto text = ReadTextFile(path);
  if (text.ok()) return text;
  return absl::InvalidArgumentError(option + ": " +
                                    std::string(text.status().message()));
}

Bio Reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
             BIO_free);
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

// The first certificate of the file. All of them must be sound: gRPC would skip
// a damaged authority, and refuse every handshake if an intermediate
// certificate is damaged.
absl::StatusOr<Certificate> ParseCertificates(const std::string& option,
                                              const std::string& path,
                                              const std::string& pem) {
  const Bio reader = Reader(pem);
  Certificate first(nullptr, X509_free);
  for (int number = 1;; ++number) {
    ERR_clear_error();
    Certificate next(PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr),
                     X509_free);
    if (next != nullptr) {
      if (first == nullptr) first = std::move(next);
      continue;
    }
    const bool at_end =
        ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!at_end) {
      return Unusable(option, path,
                      "cannot be read: its certificate number " +
                          std::to_string(number) + " is damaged");
    }
    if (MarkedCertificates(pem) >= number) {
      return Unusable(option, path,
                      "cannot be read: one of its certificates does not stand "
                      "between a line -----BEGIN CERTIFICATE----- and a line "
                      "-----END CERTIFICATE-----");
    }
    if (first != nullptr) return first;
    return Unusable(option, path, "holds no certificate in PEM");
  }
}

absl::StatusOr<Key> ParseKey(const std::string& option, const std::string& path,
                             const std::string& pem) {
  // OpenSSL would otherwise ask at the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key key(
      PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, no_password, nullptr),
      EVP_PKEY_free);
  if (key == nullptr) {
    return Unusable(option, path,
                    "is not a private key in PEM without a password");
  }
  return key;
}

// gRPC would accept broken files without a word, and then refuse every
// handshake. `read` is whole if there are no mistakes.
Mistakes ReadAll(const ApiTlsFiles& files, ApiPems& read) {
  Mistakes mistakes;
  // False for a file without a name, or one that cannot be read.
  const auto read_file = [&mistakes](const std::string& origin,
                                     const std::string& path,
                                     std::string& pem) {
    if (path.empty()) return false;
    auto text = ReadFile(origin, path);
    mistakes.Add(text.status());
    if (text.ok()) pem = *std::move(text);
    return text.ok();
  };
  Certificate certificate(nullptr, X509_free);
  if (read_file(files.certificate_origin, files.certificate,
                read.certificate)) {
    auto parsed = ParseCertificates(files.certificate_origin, files.certificate,
                                    read.certificate);
    mistakes.Add(parsed.status());
    if (parsed.ok()) certificate = *std::move(parsed);
  }
  if (read_file(files.key_origin, files.key, read.key)) {
    const auto key = ParseKey(files.key_origin, files.key, read.key);
    mistakes.Add(key.status());
    if (key.ok() && certificate != nullptr &&
        X509_check_private_key(certificate.get(), key->get()) != 1) {
      mistakes.Add(files.key_origin + ": " + files.key +
                   " is not the key of the certificate in " +
                   files.certificate);
    }
  }
  if (read_file(files.client_ca_origin, files.client_ca, read.client_ca)) {
    mistakes.Add(ParseCertificates(files.client_ca_origin, files.client_ca,
                                   read.client_ca)
                     .status());
  }
  return mistakes;
}

// Only gRPC's C API has credentials that are fetched for each handshake.
class FetchedCredentials : public grpc::ServerCredentials {
 public:
  explicit FetchedCredentials(grpc_server_credentials* credentials)
      : credentials_(credentials) {}
  ~FetchedCredentials() override {
    grpc_server_credentials_release(credentials_);
  }

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }
  // Call credentials, which the API does not use.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {
    std::abort();
  }

  grpc_server_credentials* const credentials_;
};

}  // namespace

ApiTlsFiles ApiTlsFilesOf(const Config& config) {
  return {.certificate = config.api_cert,
          .key = config.api_key,
          .client_ca = config.api_client_ca,
          .certificate_origin = config.OriginOf("api-cert"),
          .key_origin = config.OriginOf("api-key"),
          .client_ca_origin = config.OriginOf("api-client-ca")};
}

Mistakes CheckApiTlsFiles(const ApiTlsFiles& files) {
  ApiPems unused;
  return ReadAll(files, unused);
}

absl::StatusOr<std::unique_ptr<ApiCredentials>> ApiCredentials::Load(
    federation::EventLoop& loop, const ApiTlsFiles& files) {
  std::unique_ptr<ApiCredentials> loaded(new ApiCredentials(loop, files));
  const Mistakes mistakes = ReadAll(files, loaded->shown_);
  if (!mistakes.empty()) return mistakes.ToStatus();
  loaded->Watch();
  return loaded;
}

ApiCredentials::ApiCredentials(federation::EventLoop& loop,
                               const ApiTlsFiles& files)
    : loop_(loop), files_(files) {}

ApiCredentials::~ApiCredentials() = default;

std::shared_ptr<grpc::ServerCredentials> ApiCredentials::ForServer() {
  return std::make_shared<FetchedCredentials>(
      grpc_ssl_server_credentials_create_with_options(
          grpc_ssl_server_credentials_create_options_using_config_fetcher(
              GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
              &Fetch, this)));
}

void ApiCredentials::Watch() {
  timer_ = loop_.After(kLookInterval, [this] {
    Refresh();
    Watch();
  });
}

void ApiCredentials::Refresh() {
  ApiPems pems;
  const absl::Status status = ReadAll(files_, pems).ToStatus();
  const std::string complaint(status.message());
  if (std::exchange(complaint_, complaint) != complaint && !status.ok()) {
    spdlog::warn("the API over TCP keeps its former certificates: {}",
                 complaint);
  }
  if (!status.ok() || pems == shown_) return;
  shown_ = std::move(pems);
  is_fetched_ = false;
  spdlog::info("the API over TCP has new certificates");
}

grpc_ssl_certificate_config_reload_status ApiCredentials::Fetch(
    void* self, grpc_ssl_server_certificate_config** config) {
  auto& credentials = *static_cast<ApiCredentials*>(self);
  if (std::exchange(credentials.is_fetched_, true)) {
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  }
  const ApiPems& shown = credentials.shown_;
  const grpc_ssl_pem_key_cert_pair pair = {
      .private_key = shown.key.c_str(),
      .cert_chain = shown.certificate.c_str()};
  *config = grpc_ssl_server_certificate_config_create(shown.client_ca.c_str(),
                                                      &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace interlink::daemon
