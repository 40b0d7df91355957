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

  // nullopt if no established link shows that the caller is its peer: then
  // Admission has to decide on the loop.
  // Threading: any thread.
  std::optional<absl::StatusOr<v1::LookupResponse>> Answer(
      const PeerCaller& caller, const v1::LookupRequest& request) const;

  // The answer to a caller that is known to be the link's peer, as over a
  // session. Threading: any thread.
  absl::StatusOr<v1::LookupResponse> AnswerKnown(store::InterlinkId id,
                                                 const std::string& number);

 private:
  // The answer to a caller that has this verdict.
  absl::StatusOr<v1::LookupResponse> AnswerAs(LinkAccess::Verdict verdict,
                                              const std::string& number) const;
  // The shared number, if there is one. Without digits, a mere sign of life.
  absl::StatusOr<v1::LookupResponse> Find(const std::string& digits) const;
  absl::Status Count(absl::Status refusal) const;

  const Directory& directory_;
  LinkAccess& access_;
  Counters& counters_;
};

}  // namespace interlink::federation
