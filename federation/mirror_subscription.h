#pragma once

#include <optional>

#include "absl/status/status.h"
#include "federation/event_loop.h"
#include "federation/mirrors.h"
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
  // the next pong, or did not add up, is asked for anew: not at once, so that a
  // peer that cannot count costs little.
  std::optional<v1::Subscribe> OnPong(const v1::Pong& pong);

  // Takes over a part. A refusal ends the session, unless the directory is
  // merely too large: then `reply` tells the peer to stop, and trouble() why.
  absl::Status OnPart(const v1::DirectoryPart& part,
                      std::optional<v1::Subscribe>& reply);

  // Why the peer's directory is not mirrored, if it is not.
  const absl::Status& trouble() const { return trouble_; }

 private:
  v1::Subscribe Ask();

  Mirrors& mirrors_;
  const EventLoop& loop_;
  store::InterlinkId link_;
  bool is_on_ = false;
  bool needs_snapshot_ = false;
  bool is_coming_ = false;  // Something was asked or came since the last pong.
  absl::Status trouble_;
  SteadyTime retry_;
};

}  // namespace interlink::federation
