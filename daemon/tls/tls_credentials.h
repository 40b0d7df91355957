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

// For the federation listener: a client certificate is required and any is
// taken, because a refusal can only be put into words by the RPC. Shows
// `shown` for as long as the server lives.
std::shared_ptr<grpc::ServerCredentials> PeerServerCredentials(
    const TlsIdentity::Shown& shown);

// Whether those who answer on one channel are the pinned account, and what was
// said of the latest: gRPC itself only tells that there is no connection.
//
// Threading: thread-safe.
class PeerCheck {
 public:
  // `loop` is asked for the time until Abandon() at the latest.
  PeerCheck(federation::PeerPin pin, const federation::EventLoop& loop);

  // VerifyPeer(), in a handshake.
  absl::Status Check(const federation::PresentedChain& presented);
  // OK if the latest who answered was the pinned account, or nobody has.
  absl::Status verdict() const;
  // Handshakes that still end, end refused.
  void Abandon();

  const federation::PeerPin& pin() const { return pin_; }

 private:
  const federation::PeerPin pin_;
  mutable absl::Mutex mutex_;
  const federation::EventLoop* loop_ ABSL_GUARDED_BY(mutex_);
  absl::Status verdict_ ABSL_GUARDED_BY(mutex_);
};

// For calls to a peer: shows `shown`, and takes only whom `check` lets pass
// before anything is sent.
std::shared_ptr<grpc::ChannelCredentials> PeerChannelCredentials(
    const TlsIdentity::Shown& shown, std::shared_ptr<PeerCheck> check);

}  // namespace interlink::daemon
