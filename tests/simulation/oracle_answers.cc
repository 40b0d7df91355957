// Oracle: what would be answered at this moment, to peers and to the account's
// own PBX.

#include "federation/base/reason.h"
#include "tests/simulation/oracle.h"
#include "tests/support/simulated_pbx.h"

namespace interlink::testing {

void Oracle::CheckAnswers(size_t account, bool is_closer_look) {
  for (const auto& [key, is_open] : open_) {
    if (key.first != account) continue;
    const bool has_changed = changed_.erase(key) > 0;
    // Each refusal over a closed link costs the account a look at the
    // certificate.
    if (!is_open.Now() && !has_changed && !is_closer_look) continue;
    const auto holders = holders_.find(key.second);
    if (holders == holders_.end()) continue;
    for (const size_t peer : holders->second) {
      if (peer == account || !At(peer).is_running()) continue;
      CheckAnswersTo(peer, account, key.second, is_open.Now());
    }
  }
}

// As the peer would ask, with its certificate.
void Oracle::CheckAnswersTo(size_t peer, size_t account, const std::string& id,
                            bool is_open) {
  federation::v1::LookupRequest request;
  request.set_interlink_id(store::InterlinkId::FromHex(id)->ToBytes());
  const federation::PeerCaller caller = At(peer).AsCaller();
  for (const auto& [key, is_shared] : shared_) {
    if (key.first != account) continue;
    request.set_number(key.second);
    const auto answer = At(account).account().lookups().Answer(caller, request);
    // What is no link, or not this peer's, is looked at more closely, or
    // refused, whatever the number.
    if (!answer || !answer->ok()) return;
    if (!is_open) {
      Violate(NameOf(account) + " answers " + NameOf(peer) +
              " over a link that is gone, or paused");
    } else if ((*answer)->has_entry() != is_shared.Now()) {
      Violate(NameOf(account) + " tells " + NameOf(peer) +
              (is_shared.Now() ? " nothing of " : " of ") + key.second +
              ", which it " + (is_shared.Now() ? "shares" : "does not share"));
    }
  }
}

void Oracle::CheckRoutes() {
  for (size_t i = 0; i < accounts_.size(); ++i) {
    if (!At(i).is_running()) continue;
    for (const std::string& number : numbers_) {
      api::ResolveRequest request;
      request.set_number(number);
      const auto answer = AnswerAtOnce(At(i), request);
      if (answer) Resolved(i, number, false, time_.Now(), *answer);
    }
  }
}

void Oracle::CheckNotFound(size_t account, const std::string& number,
                           bool bypass, federation::SteadyTime begin) {
  for (const auto& [id, row] : At(account).account().interlinks().rows()) {
    if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) continue;
    const size_t peer = IndexOf(row.peer().ToHex());
    if (peer == accounts_.size()) continue;
    // It has said that it knows no such link, and now an older copy does again.
    if (row.health == api::INTERLINK_HEALTH_ORPHANED &&
        lost_.contains(id.ToHex())) {
      continue;
    }
    const federation::SteadyTime since = WindowOf(account, peer, bypass, begin);
    if (open_[{account, id.ToHex()}].WasAlways(true, since) &&
        open_[{peer, id.ToHex()}].WasAlways(true, since) &&
        shared_[{peer, number}].WasAlways(true, since)) {
      Violate(NameOf(account) + " was told that nobody has " + number +
              ", which " + NameOf(peer) + " shares");
    }
  }
}

void Oracle::CheckMirror(size_t account, const api::Interlink& row,
                         size_t peer) {
  api::ListReachableNumbersRequest request;
  request.set_interlink_id(row.id());
  request.set_page_size(1000);
  const auto reachable = ListReachable(At(account), request);
  if (!reachable.ok()) {
    Violate(NameOf(account) + " cannot list the numbers of " + NameOf(peer) +
            ": " + std::string(reachable.status().message()));
    return;
  }
  std::set<std::string> known;
  for (const auto& number : reachable->numbers()) {
    if (number.stale()) Violate(NameOf(account) + " has a stale mirror");
    known.insert(number.number());
  }
  std::set<std::string> shared;
  for (const auto& [key, truth] : shared_) {
    if (key.first == peer && truth.Now()) shared.insert(key.second);
  }
  if (known != shared) {
    Violate("what " + NameOf(account) + " knows of " + NameOf(peer) +
            "'s numbers is not what they are");
  }
}

}  // namespace interlink::testing
