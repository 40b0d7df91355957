#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "federation/base/counters.h"
#include "federation/directory/directory.h"
#include "federation/directory/link_access.h"
#include "federation/directory/own_call_terms.h"
#include "federation/peer/peer_client.h"
#include "federation/peer/trace_log.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Answers peers' Lookup from this account's own numbers. It has no way to see
// any other account's, so that links are not transitive by construction.
class Lookups {
 public:
  Lookups(const Directory& directory, LinkAccess& access,
          const OwnCallTerms& call_terms, Counters& counters, TraceLog& traces);

  // nullopt if no established link shows that the caller is its peer: then
  // Admission has to decide on the loop.
  // Threading: any thread.
  std::optional<absl::StatusOr<v1::LookupResponse>> Answer(
      const PeerCaller& caller, const v1::LookupRequest& request) const;

  // The answer to a caller that is known to be the link's peer, as over a
  // session. Threading: any thread.
  absl::StatusOr<v1::LookupResponse> AnswerKnown(
      store::InterlinkId id, const std::string& number,
      const std::string& traceparent) const;

  // Whether a peer may ask for one more RATE_LIMITED over the link; beyond
  // that, its lookups are a flood. Threading: any thread.
  bool TakeRefusal(store::InterlinkId id) const {
    return access_.TakeRefusal(id);
  }

  // Counts a question that Answer() has left open, and that was refused then.
  // A ping asks for no number and does not count. Threading: any thread.
  void CountRefusal(const std::string& number) const;

 private:
  // The answer to a caller that has this verdict, which is traced.
  absl::StatusOr<v1::LookupResponse> AnswerTraced(
      LinkAccess::Verdict verdict, store::InterlinkId id,
      const std::string& number, const std::string& traceparent) const;
  absl::StatusOr<v1::LookupResponse> AnswerAs(LinkAccess::Verdict verdict,
                                              store::InterlinkId id,
                                              const std::string& number) const;
  // The shared number, if there is one. A Lookup without digits is a ping, and
  // its answer is empty.
  absl::StatusOr<v1::LookupResponse> Find(store::InterlinkId id,
                                          const std::string& digits) const;

  const Directory& directory_;
  LinkAccess& access_;
  const OwnCallTerms& call_terms_;
  Counters& counters_;
  TraceLog& traces_;
};

}  // namespace interlink::federation
