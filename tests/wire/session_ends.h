#pragma once

#include <grpcpp/server.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/rpc/parsed_service.h"
#include "federation/peer/peer_stream.h"
#include "interlink/federation/v1/federation.grpc.pb.h"
#include "tests/wire/wire_account.h"

// The two ends of a Session stream, without the rules that speak over it.
namespace interlink::testing {

namespace v1 = federation::v1;

v1::SessionMessage Numbered(uint64_t number);
// Whether they are `count`, numbered from 1.
bool AreNumbered(const std::vector<v1::SessionMessage>& messages, int count);

// Uses a stream as the rules do, and notes its events. Nothing happens once it
// is dropped.
//
// Threading: the loop that made it.
class SessionEnd final : public federation::PeerStream::Events {
 public:
  explicit SessionEnd(std::unique_ptr<federation::PeerStream> stream)
      : stream_(std::move(stream)) {}

  void Open();
  void Send(const v1::SessionMessage& message);
  // `count` messages, numbered from 1, each when the former has left.
  void SendAll(int count);
  void Close(const absl::Status& status);
  void Admit();
  void Drop() { stream_.reset(); }

  std::function<void()> on_message = [] {};
  std::function<void()> on_sent = [] {};
  std::function<void()> on_closed = [] {};

  std::vector<v1::SessionMessage> received;
  int sent = 0;
  int closed = 0;
  absl::Status status;
  bool from_peer = false;

 private:
  void OnMessage(v1::SessionMessage message) override;
  void OnGarbage() override {}
  void OnSent() override;
  void OnClosed(absl::Status why, bool said_by_peer) override;
  template <class Action>
  void Call(Action action);
  // What holds whenever it is called.
  void Check() const;

  const std::thread::id loop_ = std::this_thread::get_id();
  std::unique_ptr<federation::PeerStream> stream_;
  bool is_calling_ = false;
};

// Accepts sessions and nothing else, as `account`; its ends are used on `loop`.
class SessionServer
    : public daemon::ParsedService<v1::FederationService::CallbackService> {
 public:
  SessionServer(WireAccount& account, federation::EventLoop& loop);

  // Cuts all connections; the loop must run until it returns.
  void Shutdown();

  const federation::PeerTarget& target() const { return target_; }

  std::function<void(SessionEnd&)> on_accept = [](SessionEnd&) {};
  std::atomic<int> admitted{0};
  std::atomic<int> writes{0};                     // That were begun at gRPC.
  std::vector<std::unique_ptr<SessionEnd>> ends;  // On the loop.

 private:
  grpc::ServerBidiReactor<grpc::ByteBuffer, v1::SessionResponse>* Accept(
      grpc::CallbackServerContext* context);

  federation::EventLoop& loop_;
  federation::PeerTarget target_;
  std::unique_ptr<grpc::Server> server_;
};

// Mike, who dials.
class Dialler {
 public:
  Dialler();
  ~Dialler();

  SessionEnd& Dial(const federation::PeerTarget& target);
  bool IsClosed(const SessionEnd& end);  // Within kPatience.
  template <class Task>
  auto OnLoop(Task task) -> decltype(task()) {
    return mike_.OnLoop(std::move(task));
  }

  // On the loop.
  SessionEnd& Make(const federation::PeerTarget& target);
  void DestroyClient() { client_.reset(); }
  daemon::GrpcPeerClient& client() { return *client_; }
  WireAccount& account() { return mike_; }

 private:
  WireAccount mike_{"Mike"};
  std::unique_ptr<daemon::GrpcPeerClient> client_;
  std::vector<std::unique_ptr<SessionEnd>> ends_;
};

}  // namespace interlink::testing
