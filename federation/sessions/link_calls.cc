#include "federation/sessions/link_calls.h"

#include <utility>

#include "federation/base/settings.h"
#include "federation/identity/pins.h"
#include "federation/ledger/peer_record.h"
#include "federation/linking/link_key.h"

namespace interlink::federation {
namespace {

// Each call may need a TLS handshake, and after a start no link has a session
// yet: a number that nobody has would be asked of all of them at once.
constexpr size_t kMostLookupCalls = 32;
constexpr size_t kMostWaitingLookups = 10'000;

}  // namespace

LinkCalls::LinkCalls(EventLoop& loop, PeerClient& peers,
                     const Identity& identity, const Interlinks& interlinks,
                     LinkHealth& health, Sessions& sessions, Mirrors& mirrors,
                     PeerCallTerms& call_terms)
    : loop_(loop),
      peers_(peers),
      identity_(identity),
      interlinks_(interlinks),
      health_(health),
      sessions_(sessions),
      mirrors_(mirrors),
      call_terms_(call_terms),
      lookup_calls_(kMostLookupCalls, kMostWaitingLookups),
      reachability_(sessions.observers().Add(
          [this](store::InterlinkId id) { TellMirrors(id); })) {
  for (const auto& [id, row] : interlinks_.rows()) TellMirrors(id);
}

bool LinkCalls::IsAskable(store::InterlinkId id) const {
  return sessions_.MayReach(id) && !health_.IsBroken(id);
}

bool LinkCalls::Lookup(store::InterlinkId id, const NumberQuestion& question,
                       Duration timeout,
                       PeerClient::Done<v1::LookupResponse> done) {
  if (!IsAskable(id)) return false;
  auto ended = [this, id, done = std::move(done)](
                   PeerAnswer<v1::LookupResponse> answer) mutable {
    if (answer.status.ok() && answer.response.has_call_terms()) {
      call_terms_.Heard(id, answer.response.call_terms(), answer.round_trip);
    }
    health_.CallEnded(id, answer.status, answer.from_peer);
    TellMirrors(id);
    done(std::move(answer));
  };
  if (Session* session = sessions_.ActiveOf(id)) {
    session->messages().Lookup(question, timeout, std::move(ended));
    return true;
  }
  return lookup_calls_.Add([this, id, question, until = loop_.Now() + timeout,
                            ended = std::move(ended)]() mutable {
    return CallLookup(id, question, until, std::move(ended));
  });
}

bool LinkCalls::CallLookup(store::InterlinkId id,
                           const NumberQuestion& question, SteadyTime until,
                           PeerClient::Done<v1::LookupResponse> ended) {
  const Duration left = until - loop_.Now();
  if (left <= Duration::zero()) return false;  // Nobody waits any more.
  if (!IsAskable(id)) return false;
  if (Session* session = sessions_.ActiveOf(id)) {
    session->messages().Lookup(question, left, std::move(ended));
    return false;  // It has come up meanwhile, so no call is needed.
  }
  const Row& row = *interlinks_.Find(id);
  v1::LookupRequest request;
  request.set_interlink_id(id.ToBytes());
  request.set_number(question.number.ToString());
  request.set_traceparent(question.traceparent());
  request.set_redeemed_proof(OwnRedeemedProof(identity_, row.record));
  peers_.Lookup({.address = AddressesOf(row.record).front(),
                 .pin = PinOf(row.record.peer())},
                request, left,
                [this, ended = std::move(ended)](
                    PeerAnswer<v1::LookupResponse> answer) mutable {
                  ended(std::move(answer));
                  lookup_calls_.Ended();
                });
  return true;
}

bool LinkCalls::Terminate(const store::v1::Peer& peer, store::InterlinkId id,
                          const v1::TerminateRequest& request,
                          PeerClient::Done<v1::TerminateResponse> done) {
  Session* session = sessions_.LeavingOf(id);
  const auto account = store::AccountId::FromBytes(peer.account_id());
  if (session == nullptr && account && !peer.root_certificates().empty()) {
    // Any other link with the same account will do.
    for (const Row* row : interlinks_.WithPeer(*account)) {
      session = sessions_.ActiveOf(row->id);
      if (session != nullptr &&
          HasRoot(row->record.peer(), peer.root_certificates(0))) {
        break;
      }
      session = nullptr;
    }
  }
  return session != nullptr &&
         session->messages().Terminate(request, kCallTimeout, std::move(done));
}

}  // namespace interlink::federation
