#include "daemon/api_listener.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "google/rpc/error.pb.h"
#include "grpc/health/v1/health.pb.h"

namespace interlink::daemon {
namespace {

// An import's chunk is the largest request.
constexpr int kMaxRequestBytes = 2 * 1024 * 1024;
constexpr int kHandshakeTimeoutMs = 5'000;

// Puts the descriptions of health and of error details where reflection finds
// them; gRPC's own health service has none.
void LinkDescriptors() {
  grpc::health::v1::HealthCheckRequest::descriptor();
  google::rpc::ErrorInfo::descriptor();
}

bool IsServed(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool is_served = connect(probe, reinterpret_cast<sockaddr*>(&address),
                                 sizeof(address)) == 0;
  close(probe);
  return is_served;
}

// gRPC takes a path for a part of a URI.
std::string TargetOf(const std::string& path) {
  std::string target = "unix:";
  for (const char c : path) {
    target += c == '%' ? "%25" : std::string(1, c);
  }
  return target;
}

// Makes room for a socket at `path`.
absl::Status ClearPath(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InvalidArgumentError(
        "the socket path " + path + " is longer than the system allows, " +
        std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes");
  }
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (error) {
      return absl::UnavailableError("cannot make " + folder.string() + ": " +
                                    error.message());
    }
    // The umask has kept it from the socket's group.
    chmod(folder.c_str(), 0750);
  }
  if (!std::filesystem::exists(path, error)) return absl::OkStatus();
  if (!std::filesystem::is_socket(path, error)) {
    return absl::InvalidArgumentError(path +
                                      " exists and is not a socket; name "
                                      "another path or remove it");
  }
  if (IsServed(path)) {
    return absl::UnavailableError("another daemon serves " + path +
                                  "; stop it or name another path");
  }
  unlink(path.c_str());
  return absl::OkStatus();
}

}  // namespace

ApiListener::ApiListener(const ApiBackend& backend, const ApiCaller& caller,
                         Tcp tcp)
    : loop_(backend.loop),
      tcp_(std::move(tcp)),
      interlinks_(backend.loop, backend.account, backend.streams, caller),
      numbers_(backend.loop, backend.account, backend.streams, caller),
      resolver_(backend.loop, backend.account, caller),
      daemon_(backend.loop, backend.account, backend.backups, backend.streams,
              caller) {}

ApiListener::~ApiListener() {
  if (!socket_path_.empty()) unlink(socket_path_.c_str());
}

absl::StatusOr<std::unique_ptr<ApiListener>> ApiListener::OnSocket(
    const ApiBackend& backend, const std::string& path, federation::Role role) {
  if (auto status = ClearPath(path); !status.ok()) return status;
  std::unique_ptr<ApiListener> listener(
      new ApiListener(backend, ApiCaller::WithRole(role), {}));
  if (auto status = listener->StartOnSocket(path); !status.ok()) return status;
  listener->socket_path_ = path;
  if (chmod(path.c_str(), 0660) != 0) {
    return absl::UnavailableError("cannot set the mode of " + path + ": " +
                                  std::strerror(errno));
  }
  return listener;
}

absl::StatusOr<std::unique_ptr<ApiListener>> ApiListener::OnTcp(
    const ApiBackend& backend, const std::string& address,
    const ApiTlsFiles& files) {
  Tcp tcp;
  auto credentials = ApiCredentials::Load(backend.loop, files);
  if (!credentials.ok()) return credentials.status();
  tcp.credentials = *std::move(credentials);
  auto connections = ApiConnections::Listen(backend.loop, address);
  if (!connections.ok()) {
    return absl::UnavailableError("cannot serve the API on " + address + ": " +
                                  std::string(connections.status().message()));
  }
  tcp.connections = *std::move(connections);
  const ApiCaller caller = ApiCaller::ByCertificate(*tcp.connections);
  std::unique_ptr<ApiListener> listener(
      new ApiListener(backend, caller, std::move(tcp)));
  if (auto status = listener->StartOnTcp(); !status.ok()) return status;
  return listener;
}

absl::Status ApiListener::StartOnSocket(const std::string& path) {
  address_ = "unix:" + path;
  grpc::ServerBuilder builder;
  Configure(builder);
  builder.AddListeningPort(TargetOf(path), grpc::InsecureServerCredentials());
  server_ = builder.BuildAndStart();
  if (server_ != nullptr) return absl::OkStatus();
  return absl::UnavailableError("cannot listen on " + path +
                                "; is its folder there, and ours?");
}

absl::Status ApiListener::StartOnTcp() {
  address_ = tcp_.connections->address();
  grpc::ServerBuilder builder;
  Configure(builder);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeTimeoutMs);
  tcp_.connections->ServeBy(
      builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::
              FROM_FD,
          tcp_.credentials->ForServer()));
  server_ = builder.BuildAndStart();
  if (server_ != nullptr) return absl::OkStatus();
  return absl::UnavailableError("gRPC cannot serve the API on " + address_);
}

void ApiListener::Configure(grpc::ServerBuilder& builder) {
  LinkDescriptors();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.RegisterService(&interlinks_);
  builder.RegisterService(&numbers_);
  builder.RegisterService(&resolver_);
  builder.RegisterService(&daemon_);
}

uint64_t ApiListener::turned_away() const {
  return tcp_.connections == nullptr ? 0 : tcp_.connections->turned_away();
}

void ApiListener::SetServing(bool is_serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  for (const char* service : {v1::InterlinkService::service_full_name(),
                              v1::NumberService::service_full_name(),
                              v1::ResolverService::service_full_name(),
                              v1::DaemonService::service_full_name()}) {
    health->SetServingStatus(service, is_serving);
  }
  health->SetServingStatus(is_serving);
}

void ApiListener::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (tcp_.connections != nullptr) {
    loop_.Post([this] { tcp_.connections->Close(); });
  }
  server_->Shutdown(deadline);
}

}  // namespace interlink::daemon
