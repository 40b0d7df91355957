#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/api/api_caller.h"
#include "daemon/api/api_connections.h"
#include "daemon/api/api_credentials.h"
#include "daemon/api/api_service.h"
#include "daemon/api/daemon_service.h"
#include "daemon/api/doctor_service.h"
#include "daemon/api/interlink_service.h"
#include "daemon/api/number_service.h"
#include "daemon/api/resolver_service.h"
#include "daemon/api/socket_connections.h"
#include "daemon/net/socket_path.h"

namespace interlink::daemon {

// One door to the API: a socket for the administrator or the PBX, or TCP with
// mutual TLS. Serves the four services of interlink.v1, reflection and health.
//
// Threading: constructed and destroyed on the loop, or while it does not run;
// SetServing() and turned_away() thread-safe; Shutdown() not on the loop, which
// has to run meanwhile. Lifetime: the backend must outlive it.
class ApiListener {
 public:
  // A unix socket of mode 0660, of `group` if one is given, made anew. Errors:
  // as SocketPath::Prepare().
  static absl::StatusOr<std::unique_ptr<ApiListener>> OnSocket(
      const ApiBackend& backend, const std::string& path,
      std::optional<gid_t> group, Role role);

  // `address` is "host:port", the port 0 for the system to choose. Errors:
  // INVALID_ARGUMENT for files that cannot be used, or CannotListen().
  static absl::StatusOr<std::unique_ptr<ApiListener>> OnTcp(
      const ApiBackend& backend, const std::string& address,
      const ApiTlsFiles& files);

  // "unix:PATH", or "host:port" as bound.
  const std::string& address() const { return address_; }

  // Connections closed because there were too many.
  uint64_t turned_away() const;

  void SetServing(bool is_serving);
  // Returns when all calls are over; those that are not over by then are
  // cancelled, and connections whose clients do not even read that are broken.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  // Parts that only the API over TCP has.
  struct Tcp {
    std::unique_ptr<ApiCredentials> credentials;
    std::unique_ptr<ApiConnections> connections;
  };

  ApiListener(const ApiBackend& backend, const ApiCaller& caller, Tcp tcp);
  absl::Status StartOnSocket(const std::string& path,
                             const std::string& setting);
  absl::Status StartOnTcp();
  // Starts the server of these connections.
  template <class Connections>
  absl::Status Serve(
      Connections& connections,
      const std::shared_ptr<grpc::ServerCredentials>& credentials);
  void Configure(grpc::ServerBuilder& builder);
  void BreakAll();

  const Tcp tcp_;
  std::unique_ptr<SocketConnections> socket_connections_;  // None for TCP.
  InterlinkService interlinks_;
  NumberService numbers_;
  ResolverService resolver_;
  DaemonService daemon_;
  DoctorService doctor_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<SocketPath> socket_path_;  // None for TCP.
};

}  // namespace interlink::daemon
