#include "federation/sessions/session_admission.h"

#include "federation/base/reason.h"

namespace interlink::federation {

absl::StatusOr<store::InterlinkId> SessionAdmission::AdmitCaller(
    const PeerCaller& caller, const v1::Hello& hello) {
  const auto id = store::InterlinkId::FromBytes(hello.interlink_id());
  if (!id) {
    return Refusal(Reason::kLinkUnknown,
                   "the Hello names no interlink; it has to have an "
                   "interlink_id of 16 bytes");
  }
  v1::LookupRequest no_number;  // Refused to all but the link's peer.
  no_number.set_interlink_id(hello.interlink_id());
  const auto answer = lookups_.Answer(caller, no_number);
  const absl::Status status =
      answer ? answer->status()
             : admission_.Decide(caller, hello.interlink_id(),
                                 hello.redeemed_proof());
  if (!status.ok() && ReasonOf(status) != Reason::kLinkPaused) return status;
  return *id;
}

absl::Status SessionAdmission::CheckGeneration(store::InterlinkId id,
                                               const v1::Hello& hello) {
  if (!hello.has_seen_generation()) return absl::OkStatus();
  return restoration_.CheckQuote(id, hello.seen_generation());
}

}  // namespace interlink::federation
