#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/directory/link_access.h"
#include "federation/linking/admission.h"
#include "federation/linking/restoration.h"
#include "federation/sessions/session.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Whether a session may begin, by the peer's Hello.
//
// Threading: loop only. Lifetime: the references must outlive it.
class SessionAdmission {
 public:
  SessionAdmission(LinkAccess& access, Admission& admission,
                   Restoration& restoration)
      : access_(access), admission_(admission), restoration_(restoration) {}

  // The link that the Hello names, if the caller is its peer. A paused link may
  // have a session, which tells the peer of the pause.
  // Errors: as of a Lookup, but for LINK_PAUSED and RATE_LIMITED.
  // `done` may be called at once, and is not if the session ends before.
  void AdmitCaller(
      Session& session, const PeerCaller& caller, const v1::Hello& hello,
      absl::AnyInvocable<void(Session&, absl::StatusOr<store::InterlinkId>)>
          done);

  // If the peer of that link has seen a later state of this account, this store
  // is an older copy: revokes the pending keys and writes RESTORED.
  // Errors: STORE_UNAVAILABLE, and then the session has to wait.
  // `done` as of AdmitCaller().
  void CheckDialled(Session& session, const v1::Hello& hello,
                    absl::AnyInvocable<void(Session&, absl::Status)> done);

 private:
  void CheckGeneration(store::InterlinkId id, const v1::Hello& hello,
                       Decisions::Done done);
  void Identify(store::InterlinkId id, const PeerCaller& caller,
                const v1::Hello& hello, Ledger::Done<store::InterlinkId> done);

  LinkAccess& access_;
  Admission& admission_;
  Restoration& restoration_;
};

}  // namespace interlink::federation
