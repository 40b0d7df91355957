#pragma once

#include <optional>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirrors.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Keeps the mirror of one session's peer in step: knows when to ask the peer
// for its directory. A Subscribe that a method returns has to be sent.
//
// Threading: loop only.
class MirrorSubscription {
 public:
  MirrorSubscription(Mirrors& mirrors, ContactAlarm& alarm,
                     const EventLoop& loop)
      : mirrors_(mirrors), alarm_(alarm), loop_(loop) {}

  // The link goes by this session from now on.
  v1::Subscribe Begin(store::InterlinkId link);
  // The link is gone.
  void End() { is_on_ = false; }

  // The pong names the position of the peer's directory. If the mirror is not
  // there by the next pong, and nothing came meanwhile, asks anew; at once if a
  // pause has emptied the mirror.
  std::optional<v1::Subscribe> OnPong(const v1::Pong& pong);

  // Takes over a part. Asks anew if the parts do not add up to what the peer
  // says. If they exceed a limit, asks the peer to stop, and trouble() says
  // why.
  std::optional<v1::Subscribe> OnPart(const v1::DirectoryPart& part);

  // Why the peer's directory is not mirrored, or not all of it.
  absl::Status trouble() const;

 private:
  v1::Subscribe Ask();

  Mirrors& mirrors_;
  ContactAlarm& alarm_;
  const EventLoop& loop_;
  store::InterlinkId link_;
  bool is_on_ = false;
  bool needs_snapshot_ = false;
  bool is_coming_ = false;  // Something was asked or came since the last pong.
  // A snapshot was asked for, and nothing has come since: a peer that has
  // paused sends it once it resumes.
  bool is_snapshot_due_ = false;
  // How often the mirror asks at once after parts that did not add up; else it
  // waits for the next pong, so that a peer that cannot count costs little.
  TokenBucket at_once_{1.0 / 60, 2};
  absl::Status trouble_;
  SteadyTime retry_;
};

}  // namespace interlink::federation
