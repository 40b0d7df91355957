#pragma once

#include <memory>

#include "federation/base/call_queue.h"
#include "federation/base/observers.h"
#include "federation/identity/identity.h"
#include "federation/mirrors/mirrors.h"
#include "federation/mirrors/peer_call_terms.h"
#include "federation/peer/number_question.h"
#include "federation/peer/peer_client.h"
#include "federation/sessions/link_health.h"
#include "federation/sessions/sessions.h"

namespace interlink::federation {

// Asks the peers of links, over their sessions or by calls of their own, and
// keeps the mirrors informed whether asking makes sense.
//
// Threading: loop only. Lifetime: the references must outlive it.
class LinkCalls {
 public:
  LinkCalls(EventLoop& loop, PeerClient& peers, const Identity& identity,
            const Interlinks& interlinks, LinkHealth& health,
            Sessions& sessions, Mirrors& mirrors, PeerCallTerms& call_terms);

  // Asks the link's peer. Only a few calls are under way at
  // once; others wait, and `done` may be dropped if their time is up. False if
  // there is no point in asking now.
  bool Lookup(store::InterlinkId id, const NumberQuestion& question,
              Duration timeout, PeerClient::Done<v1::LookupResponse> done);
  // False if no session with that peer stands.
  bool Terminate(const store::v1::Peer& peer, store::InterlinkId id,
                 const v1::TerminateRequest& request,
                 PeerClient::Done<v1::TerminateResponse> done);

 private:
  bool IsAskable(store::InterlinkId id) const;
  void TellMirrors(store::InterlinkId id) {
    mirrors_.SetAskable(id, IsAskable(id));
  }
  // False if no call was begun.
  bool CallLookup(store::InterlinkId id, const NumberQuestion& question,
                  SteadyTime until, PeerClient::Done<v1::LookupResponse> ended);

  EventLoop& loop_;
  PeerClient& peers_;
  const Identity& identity_;
  const Interlinks& interlinks_;
  LinkHealth& health_;
  Sessions& sessions_;
  Mirrors& mirrors_;
  PeerCallTerms& call_terms_;
  CallQueue lookup_calls_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> reachability_;
};

}  // namespace interlink::federation
