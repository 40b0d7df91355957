#include "daemon/peer_listener.h"

#include <grpc/impl/codegen/grpc_types.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/peer_connections.h"
#include "daemon/tls_credentials.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using grpc::experimental::ExternalConnectionAcceptor;

// A session's message has at most 64 KiB, and then its framing.
constexpr int kMaxMessageBytes = 72 * 1024;
constexpr int kMaxStreams = 256;  // At once, over one connection.
constexpr std::chrono::seconds kShutdownGrace{1};
// After an error that would come again at once, such as no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{100};

// Takes away what other parts of the program switch on for every gRPC server
// in the process, such as reflection.
class NothingBuiltIn : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>*
                         plugins) override {
    plugins->clear();
  }
};

void Configure(const PeerListener::Options& options,
               grpc::ServerBuilder& builder) {
  builder.SetOption(std::make_unique<NothingBuiltIn>());
  builder.SetOption(
      std::make_unique<grpc::HealthCheckServiceServerBuilderOption>(nullptr));
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // Its size would be known only after it was unpacked.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  const auto set = [&builder](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
      static_cast<int>(options.handshake_timeout.count()));
  // Peers look every ten seconds whether the other side lives.
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  set(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  set(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

absl::Status Refused(const std::string& address, const error_code& error) {
  return absl::UnavailableError("cannot listen for peers at " + address + ": " +
                                error.message());
}

absl::StatusOr<tcp::endpoint> Resolve(boost::asio::io_context& context,
                                      const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (colon == address.npos || host.empty()) {
    return absl::InvalidArgumentError(
        "the address to listen at must be HOST:PORT, such as 0.0.0.0:7443 or "
        "[::]:7443, and not '" +
        address + "'");
  }
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  error_code error;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(
      host, address.substr(colon + 1),
      tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) return Refused(address, error);
  return found.begin()->endpoint();
}

error_code Listen(const tcp::endpoint& endpoint, tcp::acceptor& acceptor) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

std::string TextOf(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

// Accepts on the loop, and has the gRPC server that connections are handed to.
class PeerListener::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(AsioEventLoop& loop, const TlsIdentity& identity,
           FederationService& service, const Options& options)
      : loop_(loop),
        service_(service),
        credentials_(PeerServerCredentials(identity)),
        connections_(loop.context(), loop,
                     {.in_all = options.max_connections,
                      .per_source = options.max_connections_per_source,
                      .unlinked = options.unlinked_timeout}),
        acceptor_(loop.context()),
        pause_(loop.context()) {}

  absl::Status Start(const Options& options) {
    auto endpoint = Resolve(loop_.context(), options.address);
    if (!endpoint.ok()) return endpoint.status();
    error_code error = Listen(*endpoint, acceptor_);
    if (error) return Refused(options.address, error);
    bound_address_ = TextOf(acceptor_.local_endpoint());
    grpc::ServerBuilder builder;
    Configure(options, builder);
    to_grpc_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        credentials_);
    builder.RegisterService(&service_);
    service_.set_connections(&connections_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return absl::UnavailableError("gRPC cannot serve peers");
    }
    Accept();
    return absl::OkStatus();
  }

  void Shutdown() {
    std::call_once(shutdown_, [this] {
      loop_.Post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
          self->Close();
          self->service_.EndSessions();
        }
      });
      if (server_ == nullptr) return;
      server_->Shutdown(loop_.WallNow() + kShutdownGrace);
      service_.set_connections(nullptr);
    });
  }

  void Close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

  const std::string& bound_address() const { return bound_address_; }
  const PeerConnections& connections() const { return connections_; }

 private:
  void Accept() {
    acceptor_.async_accept(
        [weak = weak_from_this()](const error_code& error, tcp::socket socket) {
          const auto self = weak.lock();
          if (self == nullptr || !self->acceptor_.is_open()) return;
          if (error && error != boost::asio::error::connection_aborted) {
            self->AcceptLater(error);
            return;
          }
          if (!error) self->HandOver(std::move(socket));
          self->Accept();
        });
  }

  void AcceptLater(const error_code& error) {
    if (!is_troubled_) {
      spdlog::warn("peers cannot connect for now: {}", error.message());
    }
    is_troubled_ = true;
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([weak = weak_from_this()](const error_code& called_off) {
      const auto self = weak.lock();
      if (self != nullptr && !called_off && self->acceptor_.is_open()) {
        self->Accept();
      }
    });
  }

  void HandOver(tcp::socket socket) {
    is_troubled_ = false;
    error_code error;
    socket.non_blocking(true, error);
    socket.set_option(tcp::no_delay(true), error);
    if (error || !connections_.Add(socket)) return;  // Closes it.
    ExternalConnectionAcceptor::NewConnectionParameters parameters;
    parameters.fd = socket.release(error);
    to_grpc_->HandleNewConnection(&parameters);
  }

  AsioEventLoop& loop_;
  FederationService& service_;
  const std::shared_ptr<grpc::ServerCredentials> credentials_;
  PeerConnections connections_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  bool is_troubled_ = false;
  std::string bound_address_;
  std::unique_ptr<ExternalConnectionAcceptor> to_grpc_;
  std::unique_ptr<grpc::Server> server_;
  std::once_flag shutdown_;
};

absl::StatusOr<std::unique_ptr<PeerListener>> PeerListener::Start(
    AsioEventLoop& loop, const TlsIdentity& identity,
    FederationService& service, const Options& options) {
  auto acceptor = std::make_shared<Acceptor>(loop, identity, service, options);
  if (auto status = acceptor->Start(options); !status.ok()) return status;
  return std::unique_ptr<PeerListener>(new PeerListener(std::move(acceptor)));
}

PeerListener::PeerListener(std::shared_ptr<Acceptor> acceptor)
    : acceptor_(std::move(acceptor)) {}

PeerListener::~PeerListener() {
  Shutdown();
  acceptor_->Close();
}

const std::string& PeerListener::bound_address() const {
  return acceptor_->bound_address();
}

void PeerListener::Shutdown() { acceptor_->Shutdown(); }

int PeerListener::open_connections() const {
  return acceptor_->connections().open();
}

uint64_t PeerListener::refused_connections() const {
  return acceptor_->connections().refused();
}

uint64_t PeerListener::unlinked_timeouts() const {
  return acceptor_->connections().timed_out();
}

}  // namespace interlink::daemon
