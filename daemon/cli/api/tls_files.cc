#include "daemon/cli/api/tls_files.h"

#include <utility>

#include "absl/status/status.h"
#include "daemon/cli/api/failure.h"
#include "daemon/config/pem_files.h"
#include "daemon/system/text_file.h"

namespace interlink::cli {
namespace {

grpc::Status Refuse(const std::string& sentence) {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "TLS_FILE_INVALID",
                      sentence);
}

grpc::Status ReadPem(const std::string& option, const std::string& path,
                     absl::Status (*check)(const std::string& pem),
                     std::string* pem) {
  auto text = daemon::ReadTextFile(path);
  if (!text.ok()) {
    return Refuse(option + ": " + std::string(text.status().message()));
  }
  *pem = *std::move(text);
  const absl::Status checked = check(*pem);
  if (checked.ok()) return grpc::Status::OK;
  return Refuse(option + ": " + path + " " + std::string(checked.message()));
}

}  // namespace

grpc::Status ReadTlsFiles(const std::string& certificate,
                          const std::string& key, const std::string& ca,
                          grpc::SslCredentialsOptions* options) {
  auto status = ReadPem("--cert", certificate, CheckCertificates,
                        &options->pem_cert_chain);
  if (!status.ok()) return status;
  status = ReadPem("--key", key, CheckKey, &options->pem_private_key);
  if (!status.ok()) return status;
  if (!IsPair(options->pem_cert_chain, options->pem_private_key)) {
    return Refuse("--key: " + key + " does not belong to --cert " +
                  certificate);
  }
  return ReadPem("--ca", ca, CheckCertificates, &options->pem_root_certs);
}

}  // namespace interlink::cli
