#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "federation/directory/directory_feed.h"
#include "federation/directory/lookups.h"
#include "federation/ledger/interlinks.h"
#include "federation/linking/removals.h"
#include "federation/mirrors/mirror_subscription.h"
#include "federation/peer/number_question.h"
#include "federation/peer/peer_client.h"
#include "federation/peer/pending_calls.h"
#include "federation/sessions/introductions.h"

namespace interlink::federation {

// What the two accounts say to each other over an open session, and what that
// changes: the directory each way, lookups, introductions, the link's end.
//
// Threading: loop only. Lifetime: the references must outlive it.
class SessionMessages {
 public:
  using Send = std::function<void(v1::SessionMessage)>;

  SessionMessages(EventLoop& loop, const Interlinks& interlinks,
                  DirectoryFeed feed, MirrorSubscription mirror,
                  Lookups& lookups, Introductions& introductions,
                  Removals& removals);

  // Before anything else. `send` queues a message to the peer.
  void Start(Send send, bool is_dialled_here) {
    send_ = std::move(send);
    is_dialled_here_ = is_dialled_here;
  }
  void SetLink(store::InterlinkId link) { link_ = link; }

  // This side's Hello but for what the stream itself decides.
  v1::Hello OwnHello();

  // Acts on a message of the peer, of whatever kind.
  void Take(v1::SessionMessage message);
  void Take(const v1::Hello& hello);
  void Take(const v1::Introduction& introduction);
  // Whether the answer to the latest ping counts: what the peer said of itself
  // before has to be in force.
  bool Take(const v1::Pong& pong, Duration round_trip);

  // The link goes by this session: believes what the peer says of itself, and
  // asks for its directory.
  void Activate();
  // The link is gone here: only its end is still spoken of.
  void Leave();
  bool has_left() const { return has_left_; }

  // Sends a new introduction, because something that it says has changed.
  void Introduce();
  void Lookup(const NumberQuestion& question, Duration timeout,
              PeerClient::Done<v1::LookupResponse> done);
  // False, and nothing is sent, if the peer is too old for what it asks.
  bool Terminate(const v1::TerminateRequest& request, Duration timeout,
                 PeerClient::Done<v1::TerminateResponse> done);
  bool IsTerminating() const { return !terminates_.empty(); }
  void FailCalls();  // The session broke.

  // Whether the peer is to be sent a part of the directory, and the part.
  bool HasPart() const;
  std::shared_ptr<const v1::SessionMessage> NextPart() {
    return feed_.NextPart();
  }
  // Why the peer's directory is not mirrored, or not all of it; else as
  // call_trouble().
  absl::Status trouble() const;
  // Why the peer's calls are not let in: this account asks for call tokens, and
  // the peer knows none, or has not stored that yet.
  absl::Status call_trouble() const;

 private:
  v1::Introduction OwnIntroduction();
  void SendIfAny(const std::optional<v1::Subscribe>& subscribe);
  void AnswerPing(const v1::Ping& ping);
  void AnswerLookup(const v1::SessionLookup& lookup);
  void AnswerTerminate(const v1::SessionTerminate& terminate);
  void TakeAnswer(v1::SessionLookupAnswer& answer);
  void TakeAnswer(const v1::SessionTerminateAnswer& answer);
  void Believe(const v1::Introduction& introduction);

  EventLoop& loop_;
  const Interlinks& interlinks_;
  DirectoryFeed feed_;
  MirrorSubscription mirror_;
  Lookups& lookups_;
  Introductions& introductions_;
  Removals& removals_;
  Send send_;
  bool is_dialled_here_ = false;
  store::InterlinkId link_;
  bool is_active_ = false;
  bool has_left_ = false;
  uint64_t own_introductions_ = 0;
  bool knows_call_tokens_ = false;  // The peer.
  bool knows_merges_ = false;
  // The first of the latest introductions that ask for call tokens, and when it
  // was sent; 0 if the latest does not.
  uint64_t tokens_asked_ = 0;
  SteadyTime tokens_asked_at_;
  uint64_t stored_ =
      0;  // The latest own introduction that the peer has stored.
  std::unique_ptr<v1::Introduction> heard_;  // Until it is active.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  // Given to Introductions, which may call it for as long as this lives.
  std::shared_ptr<const Introductions::Stored> introduction_stored_;

  PendingCalls<v1::LookupResponse> own_lookups_;
  PendingCalls<v1::TerminateResponse> terminates_;
};

}  // namespace interlink::federation
