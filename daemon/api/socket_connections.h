#pragma once

#include <grpcpp/server_builder.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/api/socket_places.h"
#include "daemon/net/hang_ups.h"
#include "daemon/net/socket_acceptor.h"
#include "daemon/net/turned_away.h"
#include "daemon/system/loop_thread.h"

namespace interlink::daemon {

// The connections of the API over one unix socket: accepted on a thread of its
// own, because what is answered without the account's loop must not wait for
// it, and handed to gRPC once their clients speak. HTTP/2 has the client speak
// first; one that is silent for too long is closed, and costs one descriptor
// until then.
//
// Threading: one thread, the count from any. Lifetime: it must outlive the
// server.
class SocketConnections {
 public:
  // `setting` is the socket's, such as "--pbx-socket". Errors: as
  // SocketAcceptor::Listen().
  static absl::StatusOr<std::unique_ptr<SocketConnections>> Listen(
      const std::string& path, const std::string& setting);
  ~SocketConnections() { thread_.Stop(); }

  // Who serves them.
  void ServeBy(
      std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server);
  // That server has started.
  void Start() { thread_.Start(); }

  // Accepts no more, and closes those that are silent. Returns when none is on
  // its way to the server any more.
  void Close();

  // Ends those that the server has. Thread-safe.
  void BreakAll() { hang_ups_.BreakAll(); }

  uint64_t turned_away() const { return turned_away_.count(); }

 private:
  using Id = SocketPlaces::Id;
  using Socket = SocketAcceptor::Socket;
  struct Silent {
    Socket socket;
    std::string user;
    std::unique_ptr<federation::EventLoop::Timer> timer;
  };
  struct Spoken {
    Id id;
    std::string user;
  };

  explicit SocketConnections(const std::string& setting);
  void Accepted(Socket socket);
  void AwaitSpeech(Id id);
  void Readable(Id id);
  void HandOver(Id id);
  void CloseSilent(Id id);
  // It has lost its place to another.
  void TurnAway(Id id);
  void Ended(HangUps::Duplicate duplicate);

  LoopThread thread_;  // All below belongs to it.
  HangUps hang_ups_;
  SocketPlaces places_;
  TurnedAway turned_away_;
  std::unique_ptr<SocketAcceptor> acceptor_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_;
  std::map<Id, Silent> silent_;
  std::map<HangUps::Duplicate, Spoken> spoken_;  // Those that gRPC has.
  std::map<Id, HangUps::Duplicate> duplicates_;  // The same by id.
  // Handlers that Asio still has queued after the destruction find this gone.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::daemon
