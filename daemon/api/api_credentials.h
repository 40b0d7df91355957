#pragma once

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/config/config.h"
#include "daemon/config/mistakes.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Where the certificates of the API over TCP are.
struct ApiTlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;
  // The settings that named them, for errors.
  std::string certificate_origin = "--api-cert";
  std::string key_origin = "--api-key";
  std::string client_ca_origin = "--api-client-ca";
};

// The files of --api-listen, and the settings that named them.
ApiTlsFiles ApiTlsFilesOf(const Config& config);

// Why the files cannot be used; each mistake names the setting and the file. A
// file without a name is left out.
Mistakes CheckApiTlsFiles(const ApiTlsFiles& files);

// The contents of the files.
struct ApiPems {
  std::string certificate;
  std::string key;
  std::string client_ca;
  bool operator==(const ApiPems&) const = default;
};

// Mutual TLS for the API over TCP: clients are verified against the CA of the
// files. The files are read again every ten seconds, so that a rotated
// certificate needs no restart. If new ones cannot be used, the former stay in
// use and a warning is logged.
//
// gRPC's own watcher of files waits by the time of day, and would sleep for as
// long as a clock is set back.
// Threading: loop only, or while the loop does not run. So all handshakes have
// to begin there. Lifetime: the loop must outlive it, and it the server.
class ApiCredentials {
 public:
  // Errors: INVALID_ARGUMENT as CheckApiTlsFiles().
  static absl::StatusOr<std::unique_ptr<ApiCredentials>> Load(
      federation::EventLoop& loop, const ApiTlsFiles& files);
  ~ApiCredentials();
  ApiCredentials(const ApiCredentials&) = delete;
  ApiCredentials& operator=(const ApiCredentials&) = delete;

  // For one server.
  std::shared_ptr<grpc::ServerCredentials> ForServer();

 private:
  ApiCredentials(federation::EventLoop& loop, const ApiTlsFiles& files);
  void Watch();
  void Refresh();
  // gRPC calls it for each handshake; `self` is an ApiCredentials.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config);

  federation::EventLoop& loop_;
  const ApiTlsFiles files_;
  ApiPems shown_;
  bool is_fetched_ = false;  // gRPC has what is shown.
  std::string complaint_;    // The latest warning that was logged.
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
