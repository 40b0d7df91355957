#include "daemon/api/api_credentials.h"

#include <grpc/grpc.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "daemon/config/pem_files.h"
#include "daemon/system/text_file.h"

namespace interlink::daemon {
namespace {

constexpr std::chrono::seconds kLookInterval{10};

// `read` is whole if there are no mistakes.
Mistakes ReadAll(const ApiTlsFiles& files, ApiPems& read) {
  Mistakes mistakes;
  // Whether the file has been named, and is good.
  const auto read_file = [&mistakes](const std::string& origin,
                                     const std::string& path, auto check,
                                     std::string& pem) {
    if (path.empty()) return false;
    auto text = ReadTextFile(path);
    if (!text.ok()) {
      mistakes.Add(origin + ": " + std::string(text.status().message()));
      return false;
    }
    pem = *std::move(text);
    const absl::Status checked = check(pem);
    if (checked.ok()) return true;
    mistakes.Add(origin + ": " + path + " " + std::string(checked.message()));
    return false;
  };
  const bool has_certificate =
      read_file(files.certificate_origin, files.certificate, CheckCertificates,
                read.certificate);
  const bool has_key =
      read_file(files.key_origin, files.key, CheckKey, read.key);
  if (has_certificate && has_key && !IsPair(read.certificate, read.key)) {
    mistakes.Add(files.key_origin + ": " + files.key +
                 " is not the key of the certificate in " + files.certificate);
  }
  read_file(files.client_ca_origin, files.client_ca, CheckCertificates,
            read.client_ca);
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
