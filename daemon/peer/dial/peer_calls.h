#pragma once

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/peer/dial/peer_channels.h"
#include "daemon/rpc/rpc_counts.h"
#include "federation/base/event_loop.h"
#include "interlink/federation/v1/federation.grpc.pb.h"

namespace interlink::daemon {

// A call or a stream that GrpcPeerClient has under way.
class PeerCall {
 public:
  virtual ~PeerCall() = default;
  // The client is being destroyed: reports nothing more, and cancels the call.
  virtual void Abandon() = 0;

 protected:
  // Expires with the call.
  std::weak_ptr<void> alive() const { return alive_; }

 private:
  const std::shared_ptr<void> alive_ = std::make_shared<char>();
};

// The calls under way. Shared with tasks that gRPC and the loop still have
// queued.
//
// Calls are destroyed on the loop or with the client, never in gRPC's callback:
// if that destroyed a channel, gRPC's thread would wait for its own end.
struct PeerCalls {
  PeerCalls(federation::EventLoop& the_loop, PeerChannels& the_channels)
      : loop(the_loop),
        channels(the_channels),
        counts({federation::v1::SessionRequest::descriptor()->file()}) {}

  federation::EventLoop& loop;
  // Loop only.
  PeerChannels& channels;
  bool is_over = false;  // The client is gone.
  std::map<PeerCall*, std::unique_ptr<PeerCall>> calls;
  RpcCounts counts;  // Of what was called.

  // A call of that method begins.
  CountedCall Count(const char* method) {
    using federation::v1::FederationService;
    return {loop, counts.Of(FederationService::service_full_name(), method)};
  }
  void Begin() {
    absl::MutexLock lock(&mutex);
    ++at_grpc;
  }
  // A thread of gRPC calls it last for each call; the loop exists until then.
  void End() {
    absl::MutexLock lock(&mutex);
    --at_grpc;
  }
  // Waits until gRPC has answered all calls. Abandoned calls need no loop for
  // that.
  void AwaitEnd() {
    const auto none = [this] {
      mutex.AssertReaderHeld();
      return at_grpc == 0;
    };
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&none));
  }

 private:
  absl::Mutex mutex;
  int at_grpc ABSL_GUARDED_BY(mutex) = 0;  // Calls that gRPC still answers.
};

}  // namespace interlink::daemon
