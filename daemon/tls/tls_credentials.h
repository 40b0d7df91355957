#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/tls/tls_identity.h"
#include "federation/base/event_loop.h"
#include "federation/identity/peer_verification.h"

namespace interlink::daemon {

// For the federation listener. Requires a client certificate and accepts any,
// because only an RPC can refuse one in words. Shows `shown` for as long as the
// server lives.
std::shared_ptr<grpc::ServerCredentials> PeerServerCredentials(
    const TlsIdentity::Shown& shown);

// Checks that whoever answers on a channel is the pinned account, and remembers
// the latest verdict: gRPC only reports that there is no connection.
//
// Threading: thread-safe.
class PeerCheck {
 public:
  // `loop` is asked for the time until Abandon() at the latest.
  PeerCheck(federation::PeerPin pin, const federation::EventLoop& loop);

  // VerifyPeer(). Called in a handshake, by a thread of gRPC.
  absl::Status Check(const federation::PresentedChain& presented);
  // What the latest Check() returned; OK if there was none.
  absl::Status verdict() const;
  // Refuses all handshakes from now on.
  void Abandon();

  const federation::PeerPin& pin() const { return pin_; }

 private:
  const federation::PeerPin pin_;
  mutable absl::Mutex mutex_;
  const federation::EventLoop* loop_ ABSL_GUARDED_BY(mutex_);
  absl::Status verdict_ ABSL_GUARDED_BY(mutex_);
};

// For calls to a peer. Shows `shown`, and sends nothing before `check` has
// accepted the other side.
std::shared_ptr<grpc::ChannelCredentials> PeerChannelCredentials(
    const TlsIdentity::Shown& shown, std::shared_ptr<PeerCheck> check);

}  // namespace interlink::daemon
