#include "federation/peer/peer_refusal.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "federation/base/names.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

struct Words {
  Reason reason;
  std::string_view sentence;
};

constexpr Words kOurWords[] = {
    {Reason::kInvalidKey,
     "the other account does not know this key; ask its administrator for a "
     "new one"},
    {Reason::kKeyExpired,
     "this key is past its time; ask the other administrator for a new one"},
    {Reason::kKeyRevoked,
     "the other account has revoked this key; ask its administrator for a new "
     "one"},
    {Reason::kKeyAlreadyUsed,
     "this key has linked an account already, and each key links one only; ask "
     "the other administrator for a new one"},
    {Reason::kAlreadyLinked,
     "the other account has an interlink with this one already; to link anew, "
     "delete it on either side"},
    {Reason::kProtocolVersion,
     "the two accounts' daemons speak different versions of the protocol; "
     "update the older one"},
    {Reason::kPeerIdentityMismatch,
     "the other account takes this one for somebody else: if a copy of this "
     "daemon runs elsewhere, stop one of the two; if this account was "
     "installed "
     "anew, the other administrator has to delete the former interlink first"},
    {Reason::kLinkTerminated,
     "the other account has deleted this interlink; to be linked again, "
     "exchange a new key"},
    {Reason::kLinkUnknown,
     "the other account knows nothing of this interlink: it was installed "
     "anew, or an old copy of it was put back; delete the row and exchange a "
     "new key"},
    {Reason::kLinkPaused,
     "the other account's administrator has paused this interlink; ask for it "
     "to be resumed"},
};

}  // namespace

absl::Status InOurWords(const absl::Status& told_by_peer) {
  if (told_by_peer.ok()) return told_by_peer;
  const auto reason = ReasonOf(told_by_peer);
  const auto* words =
      std::find_if(std::begin(kOurWords), std::end(kOurWords),
                   [&](const Words& known) { return known.reason == reason; });
  if (words != std::end(kOurWords)) {
    return Refusal(words->reason, words->sentence);
  }
  const std::string said = ShownSentence(std::string(SentenceOf(told_by_peer)));
  return Refusal(reason.value_or(Reason::kPeerUnreachable),
                 said.empty() ? "the other account's daemon refuses, and does "
                                "not say why; see its log"
                              : "the other account's daemon says: " + said);
}

}  // namespace interlink::federation
