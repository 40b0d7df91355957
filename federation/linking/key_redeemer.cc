#include "federation/linking/key_redeemer.h"

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"
#include "federation/identity/pins.h"
#include "federation/identity/proof.h"
#include "federation/ledger/peer_record.h"
#include "federation/peer/peer_refusal.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

constexpr std::chrono::minutes kRetryPastExpiry{15};

// Whether the issuer's word ends the attempt; everything else is tried again.
bool IsPermanent(Reason reason) {
  switch (reason) {
    case Reason::kInvalidKey:
    case Reason::kKeyExpired:
    case Reason::kKeyRevoked:
    case Reason::kKeyAlreadyUsed:
    case Reason::kAlreadyLinked:
    case Reason::kProtocolVersion:
    case Reason::kLinkTerminated:
      return true;
    default:
      return false;
  }
}

std::vector<store::InterlinkId> IdsOf(
    const std::vector<v1::TerminateRequest>& removals) {
  std::vector<store::InterlinkId> ids;
  for (const v1::TerminateRequest& removal : removals) {
    ids.push_back(*store::InterlinkId::FromBytes(removal.interlink_id()));
  }
  return ids;
}

// LINKING, or established by a call of the issuer which has not said yet who it
// is.
bool IsRedeeming(const Row& row) {
  return !row.record.entered_key().key().empty() &&
         (row.Is(store::v1::ROW_STATE_LINKING) ||
          row.Is(store::v1::ROW_STATE_ESTABLISHED));
}

}  // namespace

KeyRedeemer::KeyRedeemer(const AccountSettings& settings,
                         const Identity& identity, Ledger& ledger,
                         EventLoop& loop, Randomness& randomness,
                         PeerClient& peers, const RemovalOutbox& outbox,
                         Settlement& settlement, Counters& counters)
    : settings_(settings),
      identity_(identity),
      ledger_(ledger),
      loop_(loop),
      randomness_(randomness),
      peers_(peers),
      outbox_(outbox),
      settlement_(settlement),
      counters_(counters),
      entry_(settings, identity, ledger, randomness),
      waiters_(ledger.interlinks(), loop) {
  subscription_ = ledger_.interlinks().Watch(
      [this](const Row& row) {
        if (!IsRedeeming(row)) return;
        attempts_[row.id].retry =
            loop_.After(randomness_.Between(Duration::zero(), kStartSpread),
                        [this, id = row.id] { TryAll(id); });
      },
      [this](store::InterlinkId id) { Observe(id); });
}

void KeyRedeemer::LinkAccount(const api::LinkAccountRequest& request,
                              Duration wait, LinkWaiters::Done done) {
  entry_.Enter(
      request, [this, until = loop_.Now() + wait, done = std::move(done)](
                   absl::StatusOr<store::InterlinkId> id) mutable {
        if (!id.ok()) {
          waiters_.Answer(std::move(done), id.status());
        } else if (!attempts_.contains(*id)) {  // It was settled before.
          waiters_.Answer(std::move(done), waiters_.OutcomeOf(*id));
        } else {
          waiters_.Add(*id, until - loop_.Now(), std::move(done));
        }
      });
}

void KeyRedeemer::Observe(store::InterlinkId id) {
  const Row* row = ledger_.interlinks().Find(id);
  if (row != nullptr && row->health == api::INTERLINK_HEALTH_ORPHANED) {
    NoteLost(*row);
  }
  if (row == nullptr || !IsRedeeming(*row)) {
    if (attempts_.erase(id) > 0) waiters_.AnswerWithOutcome(id);
    return;
  }
  const auto [attempt, is_new] = attempts_.try_emplace(id);
  if (is_new) {
    attempt->second.retry =
        loop_.After(Duration::zero(), [this, id] { TryAll(id); });
  } else if (row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    waiters_.AnswerWithOutcome(id);
  }
}

void KeyRedeemer::NoteLost(const Row& lost) {
  for (auto& [id, attempt] : attempts_) {
    const Row* row = ledger_.interlinks().Find(id);
    if (row == nullptr || row->peer() != lost.peer() ||
        !row->Is(store::v1::ROW_STATE_LINKING)) {
      continue;
    }
    if (std::exchange(attempt.is_noting_lost, true)) continue;
    settlement_.NoteLost(id, [this, id = id](const absl::Status&) {
      const auto left = attempts_.find(id);
      if (left != attempts_.end()) left->second.is_noting_lost = false;
    });
  }
}

void KeyRedeemer::TryAll(store::InterlinkId id) {
  const Row& row = *ledger_.interlinks().Find(id);
  std::vector<std::string> addresses = AddressesOf(row.record);
  // The peer may be known from elsewhere: each side may have entered the
  // other's key.
  for (const Row* other : LinksWithAccountOf(ledger_.interlinks(), row)) {
    for (std::string& address : AddressesOf(other->record)) {
      if (std::find(addresses.begin(), addresses.end(), address) ==
          addresses.end()) {
        addresses.push_back(std::move(address));
      }
    }
  }
  attempts_[id].rounds.Begin(std::move(addresses));
  TryNextAddress(id);
}

void KeyRedeemer::TryNextAddress(store::InterlinkId id) {
  const Row& row = *ledger_.interlinks().Find(id);
  Attempt& attempt = attempts_[id];
  auto key = AuthorizationKey::FromBytes(row.record.entered_key().key());
  if (!key.ok() || !attempt.rounds.HasNext()) {
    MergeOrRetry(id, key.ok() ? Refusal(Reason::kNoAddress,
                                        "no address of the other account is "
                                        "known; set one by hand")
                              : key.status());
    return;
  }
  const std::string address = attempt.rounds.Next();
  ++counters_.redeem_tries;
  store::PassFailpoint("redeem/unsent");
  std::vector<v1::TerminateRequest> removals = outbox_.ToCarry(row.peer());
  auto carried = IdsOf(removals);
  peers_.Redeem({.address = address, .pin = PinOf(row.record.peer())},
                MakeRequest(*key, row, std::move(removals)), kCallTimeout,
                [this, id, address, carried = std::move(carried)](
                    PeerAnswer<v1::RedeemResponse> answer) {
                  Answered(id, address, carried, std::move(answer));
                });
  store::PassFailpoint("redeem/sent");
}

v1::RedeemRequest KeyRedeemer::MakeRequest(
    const AuthorizationKey& key, const Row& row,
    std::vector<v1::TerminateRequest> removals) const {
  v1::RedeemBody body;
  body.set_redeem_id(row.record.entered_key().redeem_id());
  body.set_account_id(identity_.account_id().ToBytes());
  body.set_account_name(settings_.account_name);
  body.set_root_certificate(identity_.root().ToDer());
  for (const std::string& address : settings_.addresses) {
    body.add_addresses(address);
  }
  body.set_contact(settings_.contact);
  body.set_protocol_min(kOwnProtocol);
  body.set_protocol_max(kOwnProtocol);
  for (v1::TerminateRequest& removal : removals) {
    *body.add_removals() = std::move(removal);
  }
  v1::RedeemRequest request;
  request.set_interlink_id(row.id.ToBytes());
  request.set_body(body.SerializeAsString());
  request.set_proof(
      RedeemProof(ProofKey(key.secret), key.proof_context(), request.body()));
  return request;
}

void KeyRedeemer::Answered(store::InterlinkId id, const std::string& address,
                           const std::vector<store::InterlinkId>& carried,
                           PeerAnswer<v1::RedeemResponse> answer) {
  const auto attempt = attempts_.find(id);
  const Row* row = ledger_.interlinks().Find(id);
  if (attempt == attempts_.end() || row == nullptr) return;
  if (answer.status.ok()) {
    store::PassFailpoint("redeem/answered");
    settlement_.Establish(
        id, answer.response, address, carried,
        [this, id](const absl::Status& status) { Settled(id, status); });
    return;
  }
  const auto reason = ReasonOf(answer.status);
  if (answer.from_peer && reason && IsPermanent(*reason)) {
    Refused(id, InOurWords(answer.status));
  } else if (!answer.from_peer && attempt->second.rounds.HasNext()) {
    TryNextAddress(id);
  } else if (!answer.from_peer) {
    MergeOrRetry(id, answer.status);
  } else {
    RetryLater(id, InOurWords(answer.status));
  }
}

// If each side has entered the other's key, the issuer may have made a link
// with its own entry and be out of reach. The link stands for both, once the
// issuer knows over its session that this attempt is none any more.
void KeyRedeemer::MergeOrRetry(store::InterlinkId id, const absl::Status& why) {
  RetryLater(id, why);
  const Row* row = ledger_.interlinks().Find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_LINKING)) return;
  const Row* kept = settlement_.FindStanding(*row);
  v1::TerminateRequest cancel = CancelRequest(*row);
  if (kept == nullptr || cancel.redeem_id().empty()) return;
  cancel.set_kept_interlink_id(kept->id.ToBytes());
  session_route_(kept->record.peer(), id, cancel,
                 [this, id](PeerAnswer<v1::TerminateResponse> answer) {
                   const Row* left = ledger_.interlinks().Find(id);
                   if (!answer.status.ok() || left == nullptr ||
                       !left->Is(store::v1::ROW_STATE_LINKING)) {
                     return;
                   }
                   settlement_.EndTerminated(
                       id, [this, id](const absl::Status& merged) {
                         if (!merged.ok()) RetryLater(id, merged);
                       });
                 });
}

void KeyRedeemer::RetryLater(store::InterlinkId id, const absl::Status& why) {
  const auto found = attempts_.find(id);
  const Row* row = ledger_.interlinks().Find(id);
  if (found == attempts_.end() || row == nullptr) return;
  Attempt& attempt = found->second;
  const WallTime now = ledger_.WallNow();
  Duration delay;
  auto key = AuthorizationKey::FromBytes(row->record.entered_key().key());
  if (key.ok() && key->expire_time && *key->expire_time < now) {
    delay = randomness_.Between(kRetryPastExpiry / 2, kRetryPastExpiry);
  } else {
    delay = attempt.rounds.Pause(randomness_);
  }
  attempt.retry = loop_.After(delay, [this, id] { TryAll(id); });
  // A link that stands is well, though its issuer cannot be asked who it is.
  if (row->Is(store::v1::ROW_STATE_ESTABLISHED)) return;
  ledger_.interlinks().SetTrouble(
      id, why, now + std::chrono::duration_cast<WallTime::duration>(delay));
}

void KeyRedeemer::Refused(store::InterlinkId id, const absl::Status& status) {
  const Row& row = *ledger_.interlinks().Find(id);
  auto settled = [this, id](const absl::Status& stored) {
    Settled(id, stored);
  };
  if (row.Is(store::v1::ROW_STATE_ESTABLISHED)) {
    settlement_.StopAsking(id, settled);
  } else if (ReasonOf(status) == Reason::kLinkTerminated) {
    settlement_.EndTerminated(id, settled);
  } else if (auto waiters = waiters_.Take(id); waiters.empty()) {
    settlement_.Fail(id, status, settled);
  } else {
    // Whoever waits is told, and finds no row to clear away.
    settlement_.Erase(
        id, status,
        [this, id, status,
         waiters = std::move(waiters)](const absl::Status& stored) mutable {
          waiters_.Answer(std::move(waiters), stored.ok() ? status : stored);
          Settled(id, stored);
        });
  }
}

void KeyRedeemer::Settled(store::InterlinkId id, const absl::Status& status) {
  if (attempts_.contains(id)) RetryLater(id, status);
}

}  // namespace interlink::federation
