#include "federation/sessions/link_calls.h"

#include <utility>

#include "federation/base/settings.h"
#include "federation/identity/pins.h"
#include "federation/ledger/peer_record.h"

namespace interlink::federation {
namespace {

// Each call may need a TLS handshake, and after a start no link has a session
// yet: a number that nobody has would be asked of all of them at once.
constexpr size_t kMostLookupCalls = 32;
constexpr size_t kMostWaitingLookups = 10'000;

}  // namespace

LinkCalls::LinkCalls(EventLoop& loop, PeerClient& peers,
                     const Interlinks& interlinks, Introductions& introductions,
                     LinkHealth& health, Sessions& sessions, Mirrors& mirrors)
    : loop_(loop),
      peers_(peers),
      interlinks_(interlinks),
      introductions_(introductions),
      health_(health),
      sessions_(sessions),
      mirrors_(mirrors),
      lookup_calls_(kMostLookupCalls, kMostWaitingLookups),
      reachability_(sessions.observers().Add(
          [this](store::InterlinkId id) { TellMirrors(id); })) {
  for (const auto& [id, row] : interlinks_.rows()) TellMirrors(id);
}

bool LinkCalls::IsAskable(store::InterlinkId id) const {
  return sessions_.MayReach(id) && !health_.IsBroken(id);
}

bool LinkCalls::Lookup(store::InterlinkId id, store::InternalNumber number,
                       Duration timeout,
                       PeerClient::Done<v1::LookupResponse> done) {
  if (!IsAskable(id)) return false;
  auto ended = [this, id, done = std::move(done)](
                   PeerAnswer<v1::LookupResponse> answer) mutable {
    health_.CallEnded(id, answer.status, answer.from_peer);
    TellMirrors(id);
    done(std::move(answer));
  };
  if (Session* session = sessions_.ActiveOf(id)) {
    session->messages().Lookup(number, timeout, std::move(ended));
    return true;
  }
  return lookup_calls_.Add([this, id, number, until = loop_.Now() + timeout,
                            ended = std::move(ended)]() mutable {
    return CallLookup(id, number, until, std::move(ended));
  });
}

bool LinkCalls::CallLookup(store::InterlinkId id, store::InternalNumber number,
                           SteadyTime until,
                           PeerClient::Done<v1::LookupResponse> ended) {
  const Duration left = until - loop_.Now();
  if (left <= Duration::zero()) return false;  // Nobody waits any more.
  if (!IsAskable(id)) return false;
  if (Session* session = sessions_.ActiveOf(id)) {
    session->messages().Lookup(number, left, std::move(ended));
    return false;  // It has come up meanwhile, so no call is needed.
  }
  const Row& row = *interlinks_.Find(id);
  v1::LookupRequest request;
  request.set_interlink_id(id.ToBytes());
  request.set_number(number.ToString());
  request.set_redeemed_proof(introductions_.RedeemedProof(id));
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
  if (session == nullptr) return false;
  session->messages().Terminate(request, kCallTimeout, std::move(done));
  return true;
}

}  // namespace interlink::federation
