// Oracle: what would be answered at this moment, to peers and to the account's
// own PBX.

#include "federation/reason.h"
#include "tests/simulation/oracle.h"

namespace interlink::testing {

void Oracle::CheckAnswers(size_t account) {
  for (const auto& [key, is_open] : open_) {
    if (key.first != account) continue;
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
    // refused.
    if (!answer || !answer->ok()) continue;
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
  std::set<std::string> numbers;
  for (const auto& [key, is_shared] : shared_) numbers.insert(key.second);
  for (size_t i = 0; i < accounts_.size(); ++i) {
    if (!At(i).is_running()) continue;
    for (const std::string& number : numbers) {
      api::ResolveRequest request;
      request.set_number(number);
      const auto answer = At(i).account().resolver().AnswerAtOnce(request);
      if (answer) Resolved(i, number, false, time_.Now(), *answer);
    }
  }
}

}  // namespace interlink::testing
