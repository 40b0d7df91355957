#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/directory/lookups.h"
#include "federation/linking/admission.h"
#include "federation/linking/restoration.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Whether a session may begin, by the peer's Hello.
//
// Threading: loop only. Lifetime: the references must outlive it.
class SessionAdmission {
 public:
  SessionAdmission(const Lookups& lookups, Admission& admission,
                   Restoration& restoration)
      : lookups_(lookups), admission_(admission), restoration_(restoration) {}

  // The link that the Hello names, if the caller is its peer; otherwise refuses
  // as a Lookup is refused. A paused link may have a session, which tells the
  // peer of the pause.
  absl::StatusOr<store::InterlinkId> AdmitCaller(const PeerCaller& caller,
                                                 const v1::Hello& hello);

  // Notices if the peer of that link has seen a later state of this account.
  // Errors: STORE_UNAVAILABLE, and then the session has to wait.
  absl::Status CheckGeneration(store::InterlinkId id, const v1::Hello& hello);

 private:
  const Lookups& lookups_;
  Admission& admission_;
  Restoration& restoration_;
};

}  // namespace interlink::federation
