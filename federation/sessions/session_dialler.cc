// Sessions: dialling and when not to, and what goes over the session that a
// link has.

#include <utility>

#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/identity/pins.h"
#include "federation/ledger/peer_record.h"
#include "federation/linking/link_key.h"
#include "federation/sessions/link_streams.h"
#include "federation/sessions/sessions.h"

namespace interlink::federation {
namespace {

constexpr std::chrono::seconds kHold{60};

}  // namespace

void Sessions::DialAfter(Link& link, store::InterlinkId id, Duration delay) {
  link.dial = context_.loop.After(delay, [this, id] { Dial(id); });
}

void Sessions::Dial(store::InterlinkId id) {
  Link& link = *links_.at(id);
  link.dial.reset();
  if (link.active != nullptr || link.dialling != nullptr) return;
  const Row& row = *context_.interlinks.Find(id);
  link.known_addresses = AddressesOf(row.record);
  link.rounds.Begin(link.known_addresses);
  if (!link.rounds.HasNext()) {
    health_.Failed(id,
                   Refusal(Reason::kPeerUnreachable,
                           "the other account tells no address, so it has to "
                           "connect; or set an address by hand"),
                   false, std::nullopt);
    return;
  }
  DialNextAddress(link, id);
}

void Sessions::DialNextAddress(Link& link, store::InterlinkId id) {
  const Row& row = *context_.interlinks.Find(id);
  link.dialled_address = link.rounds.Next();
  auto session = std::make_unique<Session>(
      services_, *this,
      context_.peers.Session(
          {.address = link.dialled_address, .pin = PinOf(row.record.peer())}),
      Session::Opening{instance_id_, ++next_epoch_});
  session->SetLink(id);
  link.dialling = session.get();
  link.candidates.push_back(std::move(session));
  link.dialling->Open();
}

void Sessions::DialEnded(Link& link, store::InterlinkId id,
                         const absl::Status& status, bool from_peer) {
  if (link.active != nullptr || !link.candidates.empty()) return;
  if (!from_peer && link.rounds.HasNext()) {
    DialNextAddress(link, id);
    return;
  }
  Redial(link, id, status, from_peer);
}

// With full jitter, so that many links do not come back at once.
void Sessions::Redial(Link& link, store::InterlinkId id,
                      const absl::Status& status, bool from_peer) {
  const Duration delay = link.rounds.Pause(context_.randomness);
  DialAfter(link, id, delay);
  SetAskable(id);
  // The link may be gone after this.
  health_.Failed(id, status, from_peer,
                 context_.loop.WallNow() +
                     std::chrono::duration_cast<WallTime::duration>(delay));
}

void Sessions::SetAskable(store::InterlinkId id) {
  services_.mirrors.SetAskable(id, IsAskable(id));
}

bool Sessions::IsAskable(store::InterlinkId id) const {
  const auto found = links_.find(id);
  if (found == links_.end() || health_.IsBroken(id)) return false;
  const Link& link = *found->second;
  if (link.active != nullptr) {
    return link.active->is_open() && !link.active->is_late();
  }
  const Row* row = context_.interlinks.Find(id);
  return link.rounds.failed() == 0 && row != nullptr &&
         !AddressesOf(row->record).empty();
}

bool Sessions::Lookup(store::InterlinkId id, store::InternalNumber number,
                      Duration timeout,
                      PeerClient::Done<v1::LookupResponse> done) {
  if (!IsAskable(id)) return false;
  auto ended = [this, id, done = std::move(done)](
                   PeerAnswer<v1::LookupResponse> answer) mutable {
    health_.CallEnded(id, answer.status, answer.from_peer);
    SetAskable(id);
    done(std::move(answer));
  };
  Link& link = *links_.at(id);
  if (link.active != nullptr) {
    link.active->Lookup(number, timeout, std::move(ended));
    return true;
  }
  return lookup_calls_.Add([this, id, number,
                            until = context_.loop.Now() + timeout,
                            ended = std::move(ended)]() mutable {
    return CallLookup(id, number, until, std::move(ended));
  });
}

bool Sessions::CallLookup(store::InterlinkId id, store::InternalNumber number,
                          SteadyTime until,
                          PeerClient::Done<v1::LookupResponse> ended) {
  const Duration left = until - context_.loop.Now();
  // Whoever asked does not wait any more, or the link is gone.
  if (left <= Duration::zero() || !IsAskable(id)) return false;
  if (Session* session = links_.at(id)->active.get()) {
    session->Lookup(number, left, std::move(ended));
    return false;  // It has come up meanwhile, so no call is needed.
  }
  const Row& row = *context_.interlinks.Find(id);
  v1::LookupRequest request;
  request.set_interlink_id(id.ToBytes());
  request.set_number(number.ToString());
  request.set_redeemed_proof(OwnRedeemedProof(context_.identity, row.record));
  context_.peers.Lookup({.address = AddressesOf(row.record).front(),
                         .pin = PinOf(row.record.peer())},
                        request, left,
                        [this, ended = std::move(ended)](
                            PeerAnswer<v1::LookupResponse> answer) mutable {
                          ended(std::move(answer));
                          lookup_calls_.Ended();
                        });
  return true;
}

bool Sessions::Terminate(const store::v1::Peer& peer, store::InterlinkId id,
                         const v1::TerminateRequest& request,
                         PeerClient::Done<v1::TerminateResponse> done) {
  for (const auto& [session, owned] : leaving_) {
    if (session->link() != id || !session->is_open()) continue;
    session->Terminate(request, kCallTimeout, std::move(done));
    return true;
  }
  const auto account = store::AccountId::FromBytes(peer.account_id());
  if (!account || peer.root_certificates().empty()) return false;
  for (const Row* row : context_.interlinks.WithPeer(*account)) {
    const auto found = links_.find(row->id);
    if (found == links_.end() || found->second->active == nullptr ||
        !HasRoot(row->record.peer(), peer.root_certificates(0))) {
      continue;
    }
    found->second->active->Terminate(request, kCallTimeout, std::move(done));
    return true;
  }
  return false;
}

void Sessions::HoldClone(Link& link, store::InterlinkId id) {
  link.instances.Forget();
  Hold(link, id, "ACCOUNT_CLONED",
       Refusal(Reason::kPeerIdentityMismatch, kCloned));
}

void Sessions::HoldFlooder(store::InterlinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Hold(*found->second, id, "PEER_FLOODED",
       Refusal(Reason::kRateLimited,
               "the other account floods this daemon with calls and frames "
               "that lead to nothing; its administrator has to look at it"));
}

void Sessions::Hold(Link& link, store::InterlinkId id, std::string_view event,
                    absl::Status why) {
  link.hold = std::move(why);
  link.hold_until = context_.loop.Now() + kHold;
  services_.events.Tell(event, kByDaemon, context_.interlinks.Find(id)->record,
                        std::string(SentenceOf(link.hold)));
  CloseCandidates(link, link.hold);
  if (link.active != nullptr) {
    link.active->Close(link.hold);
    leaving_[link.active.get()] = std::move(link.active);
    health_.SessionEnded(id);
  }
  DialAfter(link, id, kHold);
  health_.Doubt(id, link.hold, context_.loop.WallNow() + kHold);
  SetAskable(id);
}

}  // namespace interlink::federation
