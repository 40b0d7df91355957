#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/api.h"
#include "federation/base/call_clock.h"
#include "federation/base/counters.h"
#include "federation/base/randomness.h"
#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/base/token_bucket.h"
#include "federation/directory/directory.h"
#include "federation/ledger/call_secrets.h"
#include "federation/ledger/row.h"
#include "federation/routing/admitted_tokens.h"
#include "federation/routing/call_token.h"
#include "federation/routing/refused_calls.h"

namespace interlink::federation {

// Decides which calls the account's PBX lets in (design.md section 16), by this
// account's own state alone: what was answered, such as a deletion, a pause or
// a number that is private now, is obeyed by the next call.
//
// Whoever has no token of an open link learns nothing: a link that is unknown,
// deleted or paused and a token that was forged have the same answer in the
// same time.
//
// A PBX may ask about one call more than once: with the same call_id, the
// metrics count one call. Each question is decided anew, and takes one of the
// token's kMostAdmissions and its share of the link's calls a second, because a
// hostile caller may give one call_id to many calls.
// Threading: Authorize() from any thread, and it never waits for a task of the
// loop; the rest loop only. Lifetime: the arguments must outlive it.
class CallAdmission {
 public:
  CallAdmission(const EventLoop& loop, const CallClock& clock,
                const Directory& directory, const CallSecrets& secrets,
                Randomness& randomness, RefusedCalls& refused,
                Counters& counters);

  void Reload(const AccountSettings& settings);

  // The row has changed; nullptr: it is gone.
  void SetLink(store::InterlinkId id, const Row* row);
  // The peer has paused or resumed the link.
  void SetPausedByPeer(store::InterlinkId id, bool is_paused);

  // Errors: CALL_TOKEN_INVALID, CALL_TOKEN_EXPIRED, CALL_TOKEN_USED,
  // RATE_LIMITED, NUMBER_NOT_FOUND, REQUEST_INVALID.
  absl::StatusOr<api::AuthorizeCallResponse> Authorize(
      const api::AuthorizeCallRequest& request);

 private:
  struct Link {
    std::string name;
    bool is_paused_here = false;
    bool is_paused_by_peer = false;
    TokenBucket bucket;
    AdmittedTokens admitted;

    bool IsOpen() const { return !is_paused_here && !is_paused_by_peer; }
  };
  struct Rules {
    bool asks_for_tokens = false;
    std::chrono::seconds token_life{};
    int limit = 0;
  };

  // The open link that gave the token, if there is one.
  std::optional<store::InterlinkId> LinkOf(const CallToken& token) const;
  std::vector<store::InterlinkId> OpenLinksWithTag(uint32_t tag) const;
  absl::StatusOr<api::AuthorizeCallResponse> AdmitOver(
      store::InterlinkId id, const CallToken& token,
      const std::string& call_id);
  // `dialled` is no call token.
  absl::StatusOr<api::AuthorizeCallResponse> AdmitWithoutToken(
      const std::string& dialled);
  absl::StatusOr<api::AuthorizeCallResponse> AdmitOpenly(
      store::InternalNumber number);
  absl::Status Refuse(std::optional<store::InterlinkId> link, Reason reason,
                      std::string_view sentence, Counters::Count& count);
  absl::Status Limited(store::InterlinkId link, std::string_view sentence);
  absl::Status Invalid(std::string_view sentence);
  absl::Status NotShared(std::optional<store::InterlinkId> link);
  Rules rules() const;

  const EventLoop& loop_;
  const CallClock& clock_;
  const Directory& directory_;
  const CallSecrets& secrets_;
  RefusedCalls& refused_;
  Counters& counters_;
  // The id and key that a token of an unknown tag is checked against.
  const store::InterlinkId nobody_;
  const std::string nobodys_key_;

  mutable absl::Mutex mutex_;
  Rules rules_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<store::InterlinkId, Link> links_ ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<uint32_t, store::InterlinkId>> by_tag_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
