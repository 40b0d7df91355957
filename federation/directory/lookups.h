#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "federation/base/counters.h"
#include "federation/directory/directory.h"
#include "federation/directory/link_access.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Answers peers' Lookup from this account's own numbers. It has no way to see
// any other account's, so that links are not transitive by construction.
class Lookups {
 public:
  Lookups(const Directory& directory, LinkAccess& access, Counters& counters);

  // The answer, if the caller is the peer of an established link; nullopt if
  // Admission has to decide on the loop whether he is.
  // Threading: any thread.
  std::optional<absl::StatusOr<v1::LookupResponse>> Answer(
      const PeerCaller& caller, const v1::LookupRequest& request) const;

  // The answer to a caller who is known to be the peer of that link, such as
  // over a session of it. Threading: any thread.
  absl::StatusOr<v1::LookupResponse> AnswerKnown(store::InterlinkId id,
                                                 const std::string& number);

 private:
  // What an established link's peer is told.
  absl::StatusOr<v1::LookupResponse> AnswerAs(LinkAccess::Verdict verdict,
                                              const std::string& number) const;
  // What the directory says of `digits`; of none, that all is well.
  absl::StatusOr<v1::LookupResponse> Find(const std::string& digits) const;
  absl::Status Count(absl::Status refusal) const;

  const Directory& directory_;
  LinkAccess& access_;
  Counters& counters_;
};

}  // namespace interlink::federation
