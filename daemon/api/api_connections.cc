#include "daemon/api/api_connections.h"

#include <chrono>
#include <utility>

#include "daemon/net/source_network.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;

constexpr char kSetting[] = "--api-listen";
constexpr size_t kMaxConnections = 1024;
constexpr size_t kMaxSilentPerSource = 64;
// A TLS handshake and the first call take three round trips, and the clients of
// an API are at most 80 ms away.
constexpr std::chrono::milliseconds kTimeToCall{250};

}  // namespace

ApiConnections::ApiConnections(AsioEventLoop& loop)
    : hang_ups_(loop, kSetting,
                [this](HangUps::Duplicate duplicate) { Ended(duplicate); }),
      loop_(loop),
      places_({.in_all = kMaxConnections,
               .silent_in_all = kMaxConnections,
               .silent_per_source = kMaxSilentPerSource,
               .time_to_speak = kTimeToCall}),
      turned_away_(loop, kSetting) {}

absl::StatusOr<std::unique_ptr<ApiConnections>> ApiConnections::Listen(
    AsioEventLoop& loop, const std::string& address) {
  std::unique_ptr<ApiConnections> made(new ApiConnections(loop));
  auto acceptor = TcpAcceptor::Listen(
      loop.context(), address, [connections = made.get()](tcp::socket socket) {
        connections->Accepted(std::move(socket));
      });
  if (!acceptor.ok()) return acceptor.status();
  made->acceptor_ = *std::move(acceptor);
  made->address_ = made->acceptor_->address();
  return made;
}

void ApiConnections::ServeBy(
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server) {
  absl::MutexLock lock(&handing_over_);
  server_ = std::move(server);
}

void ApiConnections::Close() {
  {
    absl::MutexLock lock(&handing_over_);
    server_.reset();
  }
  loop_.Post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) acceptor_.reset();
  });
}

void ApiConnections::Accepted(tcp::socket socket) {
  boost::system::error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (!error) socket.non_blocking(true, error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (error) return;  // It is gone already.
  absl::MutexLock lock(&handing_over_);
  if (server_ == nullptr) return;  // Closes it.
  const auto duplicate = hang_ups_.Keep(socket);
  if (!duplicate) return;
  if (!Place(SourceOf(remote), NetworkOf(remote.address()), *duplicate)) {
    HangUps::Break(*duplicate);
    return;
  }
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
      parameters;
  parameters.fd = socket.release(error);
  server_->HandleNewConnection(&parameters);
}

bool ApiConnections::Place(const std::string& source,
                           const std::string& network,
                           HangUps::Duplicate duplicate) {
  absl::MutexLock lock(&mutex_);
  const auto place =
      places_.Take(network, loop_.Now(), [this, network, duplicate] {
        mutex_.AssertHeld();
        turned_away_.Add(network);
        HangUps::Break(duplicate);
      });
  if (!place) {
    turned_away_.Add(network);
    return false;
  }
  connections_[duplicate] = {source, *place};
  silent_[source] = duplicate;
  silent_count_ = silent_.size();
  return true;
}

void ApiConnections::Ended(HangUps::Duplicate duplicate) {
  absl::MutexLock lock(&mutex_);
  const auto connection = connections_.extract(duplicate);
  if (connection.empty()) return;  // It never had a place.
  places_.Leave(connection.mapped().place);
  const auto found = silent_.find(connection.mapped().source);
  // The same port may have connected anew.
  if (found == silent_.end() || found->second != duplicate) return;
  silent_.erase(found);
  silent_count_ = silent_.size();
}

void ApiConnections::Heard(const std::string& peer) {
  if (silent_count_ == 0) return;
  const std::string source = SourceOf(peer);
  absl::MutexLock lock(&mutex_);
  const auto found = silent_.find(source);
  if (found == silent_.end()) return;
  places_.Settle(connections_.at(found->second).place);
  silent_.erase(found);
  silent_count_ = silent_.size();
}

uint64_t ApiConnections::turned_away() const {
  absl::MutexLock lock(&mutex_);
  return turned_away_.count();
}

}  // namespace interlink::daemon
