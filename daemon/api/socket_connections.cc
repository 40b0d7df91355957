#include "daemon/api/socket_connections.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

namespace interlink::daemon {
namespace {

constexpr std::chrono::seconds kTimeForSilence{5};

std::optional<std::string> UserOf(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::nullopt;
  }
  return "user " + std::to_string(peer.uid);
}

}  // namespace

SocketConnections::SocketConnections(const std::string& setting)
    : hang_ups_(thread_.loop(), setting,
                [this](HangUps::Duplicate duplicate) { Ended(duplicate); }),
      places_([this](Id id) { TurnAway(id); }),
      turned_away_(thread_.loop(), setting) {}

absl::StatusOr<std::unique_ptr<SocketConnections>> SocketConnections::Listen(
    const std::string& path, const std::string& setting) {
  std::unique_ptr<SocketConnections> made(new SocketConnections(setting));
  auto acceptor =
      SocketAcceptor::Listen(made->thread_.loop().context(), path,
                             [connections = made.get()](Socket socket) {
                               connections->Accepted(std::move(socket));
                             });
  if (!acceptor.ok()) return acceptor.status();
  made->acceptor_ = *std::move(acceptor);
  return made;
}

void SocketConnections::ServeBy(
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server) {
  server_ = std::move(server);
}

void SocketConnections::Close() {
  thread_.Stop();
  acceptor_.reset();
  while (!silent_.empty()) CloseSilent(silent_.begin()->first);
}

void SocketConnections::Accepted(Socket socket) {
  const auto user = UserOf(socket.native_handle());
  boost::system::error_code error;
  socket.native_non_blocking(true, error);
  if (!user || error) return;  // It is gone already.
  const auto id = places_.Take(*user, thread_.loop().Now());
  if (!id) {
    turned_away_.Add(*user);
    return;
  }
  silent_.emplace(
      *id, Silent{.socket = std::move(socket),
                  .user = *user,
                  .timer = thread_.loop().After(
                      kTimeForSilence, [this, id = *id] { CloseSilent(id); })});
  AwaitSpeech(*id);
}

void SocketConnections::AwaitSpeech(Id id) {
  silent_.at(id).socket.async_wait(Socket::wait_read,
                                   [this, alive = std::weak_ptr(alive_),
                                    id](boost::system::error_code error) {
                                     if (!error && !alive.expired())
                                       Readable(id);
                                   });
}

void SocketConnections::Readable(Id id) {
  const auto found = silent_.find(id);
  if (found == silent_.end()) return;
  char byte = 0;
  const ssize_t count =
      recv(found->second.socket.native_handle(), &byte, 1, MSG_PEEK);
  if (count > 0) {
    HandOver(id);
  } else if (count < 0 && errno == EAGAIN) {
    AwaitSpeech(id);
  } else {  // Its client has gone.
    CloseSilent(id);
  }
}

void SocketConnections::HandOver(Id id) {
  Silent silent = std::move(silent_.extract(id).mapped());
  if (!places_.Settle(id)) {
    turned_away_.Add(silent.user);
    return;
  }
  const auto duplicate = hang_ups_.Keep(silent.socket.native_handle());
  if (!duplicate) {
    places_.Leave(id);
    return;
  }
  spoken_[*duplicate] = {.id = id, .user = silent.user};
  duplicates_[id] = *duplicate;
  boost::system::error_code ignored;  // It is gone from us either way.
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
      parameters;
  parameters.fd = silent.socket.release(ignored);
  server_->HandleNewConnection(&parameters);
}

void SocketConnections::CloseSilent(Id id) {
  places_.Leave(id);
  silent_.erase(id);
}

void SocketConnections::TurnAway(Id id) {
  if (const auto silent = silent_.extract(id)) {
    turned_away_.Add(silent.mapped().user);
    return;
  }
  const auto duplicate = duplicates_.extract(id);
  turned_away_.Add(spoken_.extract(duplicate.mapped()).mapped().user);
  HangUps::Break(duplicate.mapped());
}

void SocketConnections::Ended(HangUps::Duplicate duplicate) {
  const auto spoken = spoken_.extract(duplicate);
  if (spoken.empty()) return;  // It was turned away.
  duplicates_.erase(spoken.mapped().id);
  places_.Leave(spoken.mapped().id);
}

}  // namespace interlink::daemon
