#pragma once

#include <optional>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "federation/mirrors/mirrors.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// How one session keeps the mirror of its peer in step: what to ask of the peer
// at which moment. Each method may give a Subscribe to be sent.
//
// Threading: loop only.
class MirrorSubscription {
 public:
  MirrorSubscription(Mirrors& mirrors, const EventLoop& loop)
      : mirrors_(mirrors), loop_(loop) {}

  // The link goes by this session from now on, or no more.
  v1::Subscribe Begin(store::InterlinkId link);
  void End() { is_on_ = false; }

  // The peer has said where its directory is. One that has not become known by
  // the next pong is asked for anew.
  std::optional<v1::Subscribe> OnPong(const v1::Pong& pong);

  // Takes over a part. A directory that did not add up is asked for anew; one
  // that is too large is told to stop, and trouble() says why.
  std::optional<v1::Subscribe> OnPart(const v1::DirectoryPart& part);

  // Why the peer's directory is not mirrored, or not all of it.
  absl::Status trouble() const;

 private:
  v1::Subscribe Ask();

  Mirrors& mirrors_;
  const EventLoop& loop_;
  store::InterlinkId link_;
  bool is_on_ = false;
  bool needs_snapshot_ = false;
  bool is_coming_ = false;  // Something was asked or came since the last pong.
  // A snapshot was, and nothing has come since: of a peer that has paused it
  // comes once it goes on.
  bool is_snapshot_due_ = false;
  // How often a directory that did not add up is asked for at once: not always,
  // so that a peer that cannot count costs little.
  TokenBucket at_once_{1.0 / 60, 2};
  absl::Status trouble_;
  SteadyTime retry_;
};

}  // namespace interlink::federation
