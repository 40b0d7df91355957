#include "daemon/api/api_listener.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <utility>
#include <vector>

#include "daemon/api/health_watches.h"
#include "daemon/rpc/end_in_time.h"
#include "google/rpc/error.pb.h"
#include "grpc/health/v1/health.pb.h"

namespace interlink::daemon {
namespace {

// An import's chunk is the largest request.
constexpr int kMaxRequestBytes = 2 * 1024 * 1024;
constexpr int kHandshakeTimeoutMs = 5'000;
// At once, over one connection: all watches of a role, and some calls. gRPC
// holds clients to it once they have acknowledged it.
constexpr int kMaxStreams = 512;
// Of gRPC's reflection, which has one for each stream, and one that waits for
// the next. Beyond them it answers RESOURCE_EXHAUSTED.
constexpr int kReflectionThreads = 33;

// Links the descriptors of health and of error details, so that reflection
// finds them: gRPC's own health service has none.
void LinkDescriptors() {
  grpc::health::v1::HealthCheckRequest::descriptor();
  google::rpc::ErrorInfo::descriptor();
}

// Bounds what gRPC bounds only if it is told to.
void BoundResources(grpc::ServerBuilder& builder) {
  using Option = grpc::ServerBuilder::SyncServerOption;
  builder.SetSyncServerOption(Option::NUM_CQS, 1);
  builder.SetSyncServerOption(Option::MIN_POLLERS, 1);
  builder.SetSyncServerOption(Option::MAX_POLLERS, 1);
  builder.SetResourceQuota(
      grpc::ResourceQuota("api").SetMaxThreads(kReflectionThreads));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(std::make_unique<HealthWatches>());
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
}

}  // namespace

ApiListener::ApiListener(const ApiBackend& backend, const ApiCaller& caller,
                         Tcp tcp)
    : tcp_(std::move(tcp)),
      interlinks_(backend, caller),
      numbers_(backend, caller),
      resolver_(backend, caller),
      daemon_(backend, caller),
      doctor_(backend, caller) {}

absl::StatusOr<std::unique_ptr<ApiListener>> ApiListener::OnSocket(
    const ApiBackend& backend, const std::string& path,
    std::optional<gid_t> group, Role role) {
  auto socket_path = SocketPath::Prepare(path, group);
  if (!socket_path.ok()) return socket_path.status();
  std::unique_ptr<ApiListener> listener(
      new ApiListener(backend, ApiCaller::WithRole(role), {}));
  listener->socket_path_ = *std::move(socket_path);
  const char* setting = role == Role::kPbx ? "--pbx-socket" : "--api-socket";
  if (auto status = listener->StartOnSocket(path, setting); !status.ok()) {
    return status;
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
  if (!connections.ok()) return connections.status();
  tcp.connections = *std::move(connections);
  const ApiCaller caller = ApiCaller::ByCertificate(*tcp.connections);
  std::unique_ptr<ApiListener> listener(
      new ApiListener(backend, caller, std::move(tcp)));
  if (auto status = listener->StartOnTcp(); !status.ok()) return status;
  return listener;
}

absl::Status ApiListener::StartOnSocket(const std::string& path,
                                        const std::string& setting) {
  address_ = "unix:" + path;
  auto connections = SocketConnections::Listen(socket_path_->draft(), setting);
  if (!connections.ok()) return connections.status();
  socket_connections_ = *std::move(connections);
  if (auto status =
          Serve(*socket_connections_, grpc::InsecureServerCredentials());
      !status.ok()) {
    return status;
  }
  socket_connections_->Start();
  return socket_path_->Publish();
}

absl::Status ApiListener::StartOnTcp() {
  address_ = tcp_.connections->address();
  return Serve(*tcp_.connections, tcp_.credentials->ForServer());
}

template <class Connections>
absl::Status ApiListener::Serve(
    Connections& connections,
    const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::ServerBuilder builder;
  Configure(builder);
  connections.ServeBy(builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      credentials));
  server_ = builder.BuildAndStart();
  if (server_ != nullptr) return absl::OkStatus();
  return absl::UnavailableError("gRPC cannot serve the API on " + address_);
}

void ApiListener::Configure(grpc::ServerBuilder& builder) {
  LinkDescriptors();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeTimeoutMs);
  BoundResources(builder);
  builder.RegisterService(&interlinks_);
  builder.RegisterService(&numbers_);
  builder.RegisterService(&resolver_);
  builder.RegisterService(&daemon_);
  builder.RegisterService(&doctor_);
}

uint64_t ApiListener::turned_away() const {
  return tcp_.connections != nullptr ? tcp_.connections->turned_away()
                                     : socket_connections_->turned_away();
}

void ApiListener::SetServing(bool is_serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  for (const char* service : {v1::InterlinkService::service_full_name(),
                              v1::NumberService::service_full_name(),
                              v1::ResolverService::service_full_name(),
                              v1::DaemonService::service_full_name(),
                              v1::DoctorService::service_full_name()}) {
    health->SetServingStatus(service, is_serving);
  }
  health->SetServingStatus(is_serving);
}

void ApiListener::Shutdown(std::chrono::system_clock::time_point deadline) {
  tcp_.connections != nullptr ? tcp_.connections->Close()
                              : socket_connections_->Close();
  EndInTime(
      deadline, [this, deadline] { server_->Shutdown(deadline); },
      [this] { BreakAll(); });
}

void ApiListener::BreakAll() {
  tcp_.connections != nullptr ? tcp_.connections->BreakAll()
                              : socket_connections_->BreakAll();
}

}  // namespace interlink::daemon
