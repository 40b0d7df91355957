#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/api_caller.h"
#include "daemon/api_streams.h"
#include "daemon/daemon_service.h"
#include "daemon/interlink_service.h"
#include "daemon/number_service.h"
#include "daemon/resolver_service.h"
#include "federation/account.h"

namespace interlink::daemon {

// What every API listener serves from.
struct ApiBackend {
  federation::EventLoop& loop;
  federation::Account& account;
  ApiStreams& streams;
  BackupRunner& backups;
};

// Where the TCP listener's certificates are; the files are watched.
struct ApiTlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;
};

// One door to the API: a socket for the administrator or the PBX, or TCP with
// mutual TLS. Serves the four services of interlink.v1, reflection and health.
//
// Threading: constructed on any thread; SetServing() thread-safe; Shutdown()
// not on the loop. Lifetime: the backend must outlive it.
class ApiListener {
 public:
  // A unix socket of mode 0660, made anew: what a dead daemon has left there is
  // removed. Errors: UNAVAILABLE if a living one serves it, or the system
  // refuses.
  static absl::StatusOr<std::unique_ptr<ApiListener>> OnSocket(
      const ApiBackend& backend, const std::string& path,
      federation::Role role);

  // `address` is "host:port", the port 0 for the system to choose. Errors:
  // INVALID_ARGUMENT for files that cannot be used, UNAVAILABLE if the system
  // refuses the address.
  static absl::StatusOr<std::unique_ptr<ApiListener>> OnTcp(
      const ApiBackend& backend, const std::string& address,
      const ApiTlsFiles& files);

  ~ApiListener();

  // "unix:PATH", or "host:port" as bound.
  const std::string& address() const { return address_; }

  void SetServing(bool is_serving);
  // Returns when all calls are over; cancels those that are not by then.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  ApiListener(const ApiBackend& backend, const ApiCaller& caller);
  absl::Status Start(const std::string& target,
                     std::shared_ptr<grpc::ServerCredentials> credentials,
                     int* port);

  InterlinkService interlinks_;
  NumberService numbers_;
  ResolverService resolver_;
  DaemonService daemon_;
  std::string address_;
  std::string socket_path_;  // Removed at the end; empty for TCP.
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace interlink::daemon
