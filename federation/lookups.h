#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "federation/context.h"
#include "federation/directory.h"
#include "federation/key_redeemer.h"
#include "federation/link_access.h"
#include "federation/peer_client.h"
#include "federation/restoration.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Answers peers' Lookup from this account's own numbers. It has no way to see
// any other account's, so that links are not transitive by construction.
class Lookups {
 public:
  Lookups(const Context& context, const Directory& directory,
          LinkAccess& access, KeyRedeemer& redeemer, Restoration& restoration);

  // The answer, if the caller is the peer of an established link; nullopt if
  // the loop has to look closer, with Decide().
  // Threading: any thread.
  std::optional<absl::StatusOr<v1::LookupResponse>> Answer(
      const PeerCaller& caller, const v1::LookupRequest& request) const;

  // Whatever Answer() could not decide: a link that is being made, is gone, or
  // is not known. A key that is still pending here is void once somebody proves
  // that it has linked him. Strangers get one answer, in one time, whatever
  // there is of an id. Threading: loop only.
  absl::StatusOr<v1::LookupResponse> Decide(const PeerCaller& caller,
                                            const v1::LookupRequest& request);

  // A lookup over a session of that link, whose peer is known.
  absl::StatusOr<v1::LookupResponse> AnswerKnown(store::InterlinkId id,
                                                 const std::string& number);

  // Whether the caller is the peer of the link that its Hello names, who may
  // have a session of it, paused or not; the refusals of Decide() if not.
  // Settles a link that is being made. Threading: loop only.
  absl::Status Admit(const PeerCaller& caller, const v1::Hello& hello);

 private:
  // What an established link's peer is told.
  absl::StatusOr<v1::LookupResponse> AnswerAs(LinkAccess::Verdict verdict,
                                              const std::string& number) const;
  // The same of a caller that is the row's peer.
  absl::StatusOr<v1::LookupResponse> DecideForPeer(
      const Row& row, const PeerCaller& caller,
      const v1::LookupRequest& request);
  // What the directory says of `digits`; of none, that all is well.
  absl::StatusOr<v1::LookupResponse> Find(const std::string& digits) const;
  absl::Status Count(absl::Status refusal) const;

  Context context_;
  const Directory& directory_;
  LinkAccess& access_;
  KeyRedeemer& redeemer_;
  Restoration& restoration_;
};

}  // namespace interlink::federation
