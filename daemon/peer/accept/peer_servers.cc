#include "daemon/peer/accept/peer_servers.h"

#include <grpc/impl/codegen/grpc_types.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/impl/server_builder_option.h>
#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "daemon/tls/tls_credentials.h"

namespace interlink::daemon {
namespace {

// A session's message has at most 64 KiB, and then its framing.
constexpr int kMaxMessageBytes = 72 * 1024;
constexpr int kMaxStreams = 256;       // At once, over one connection.
constexpr int kReadBytes = 16 * 1024;  // At once, from one connection.

// Removes the plugins that other parts of the program switch on for every gRPC
// server in the process, such as reflection.
class NothingBuiltIn : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>*
                         plugins) override {
    plugins->clear();
  }
};

void Configure(std::chrono::milliseconds handshake_timeout, bool counts_streams,
               grpc::ServerBuilder& builder) {
  builder.SetOption(std::make_unique<NothingBuiltIn>());
  builder.SetOption(
      std::make_unique<grpc::HealthCheckServiceServerBuilderOption>(nullptr));
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // The size of a compressed message is known only once it is unpacked.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  const auto set = [&builder](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
      static_cast<int>(handshake_timeout.count()));
  // Peers check every ten seconds whether the other side lives.
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  set(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // Small reads, so that a flood is broken off before gRPC has a megabyte of
  // it.
  set(GRPC_ARG_TCP_READ_CHUNK_SIZE, kReadBytes / 4);
  set(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kReadBytes);
  // For StreamCounts; nothing serves it.
  set(GRPC_ARG_ENABLE_CHANNELZ, counts_streams ? 1 : 0);
}

}  // namespace

PeerServers::PeerServers(const TlsIdentity& identity,
                         FederationService& service,
                         std::chrono::milliseconds handshake_timeout,
                         bool counts_streams)
    : identity_(identity),
      service_(service),
      handshake_timeout_(handshake_timeout),
      counts_streams_(counts_streams) {}

PeerServers::~PeerServers() {
  if (retirement_.joinable()) retirement_.join();
}

absl::Status PeerServers::Start() {
  absl::MutexLock lock(&mutex_);
  current_ = Build();
  return current_ != nullptr
             ? absl::OkStatus()
             : absl::UnavailableError("gRPC cannot serve peers");
}

std::unique_ptr<PeerServers::Server> PeerServers::Build() const {
  const auto shown = identity_.current();
  auto made = std::make_unique<Server>();
  made->serial = shown->serial;
  grpc::ServerBuilder builder;
  Configure(handshake_timeout_, counts_streams_, builder);
  made->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      PeerServerCredentials(*shown));
  builder.RegisterService(&service_);
  made->server = builder.BuildAndStart();
  if (made->server == nullptr) return nullptr;
  return made;
}

void PeerServers::Renew(uint64_t serial) {
  auto fresh = Build();
  if (fresh == nullptr) {
    spdlog::error("peers are still shown the certificate before the latest");
    current_->serial = serial;  // Not again for each connection.
    return;
  }
  if (former_ != nullptr) Retire(std::move(former_));
  former_ = std::exchange(current_, std::move(fresh));
}

void PeerServers::Retire(std::unique_ptr<Server> server) {
  retired_.push_back(std::move(server));
  if (std::exchange(is_retiring_, true)) return;
  if (retirement_.joinable()) retirement_.join();  // It has ended.
  retirement_ = std::thread([this] { ShutDownRetired(); });
}

// Not on the loop, which the calls that this ends may need.
void PeerServers::ShutDownRetired() {
  while (true) {
    std::vector<std::unique_ptr<Server>> retired;
    {
      absl::MutexLock lock(&mutex_);
      retired.swap(retired_);
      is_retiring_ = !retired.empty();
    }
    if (retired.empty()) return;
    for (const auto& server : retired) {
      server->server->Shutdown(gpr_inf_past(GPR_CLOCK_REALTIME));
    }
  }
}

void PeerServers::HandOver(boost::asio::ip::tcp::socket socket) {
  absl::MutexLock lock(&mutex_);
  if (current_ == nullptr) return;
  const uint64_t serial = identity_.current()->serial;
  if (current_->serial != serial) Renew(serial);
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
      parameters;
  boost::system::error_code error;
  parameters.fd = socket.release(error);
  current_->acceptor->HandleNewConnection(&parameters);
}

void PeerServers::Shutdown(std::chrono::system_clock::time_point deadline) {
  std::unique_ptr<Server> current;
  std::unique_ptr<Server> former;
  {
    absl::MutexLock lock(&mutex_);
    current = std::move(current_);
    former = std::move(former_);
  }
  if (current != nullptr) current->server->Shutdown(deadline);
  if (former != nullptr) former->server->Shutdown(deadline);
  if (retirement_.joinable()) retirement_.join();
}

}  // namespace interlink::daemon
