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
  // Before the link is looked for: an older copy of this account may not know
  // it.
  if (auto s = CheckGeneration(*id, hello); !s.ok()) return s;
  absl::Status why;
  const auto verdict = access_.CheckIdentity(*id, caller.certificate, &why);
  if (verdict == LinkAccess::Verdict::kPeer ||
      verdict == LinkAccess::Verdict::kPaused) {
    return *id;
  }
  auto status =
      admission_.Decide(caller, hello.interlink_id(), hello.redeemed_proof(),
                        hello.replaced_interlink_ids());
  if (!status.ok()) return status;
  return *id;
}

absl::Status SessionAdmission::CheckGeneration(store::InterlinkId id,
                                               const v1::Hello& hello) {
  if (!hello.has_seen_generation()) return absl::OkStatus();
  return restoration_.CheckQuote(id, hello.seen_generation());
}

}  // namespace interlink::federation
