#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/directory/directory.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirrors.h"
#include "federation/routing/call_token_mint.h"
#include "federation/routing/dial_prefixes.h"
#include "federation/routing/paused_links.h"
#include "federation/routing/route_gaps.h"
#include "federation/routing/routing_policy.h"
#include "federation/sessions/link_calls.h"

namespace interlink::federation {

// Finds who has a dialled number (design.md section 9): this account, or else
// the mirrors of its links. Peers are asked, for at most 800 ms, only if no
// mirror in step has the number, but one that is not in step may have it.
//
// Lifetime: the arguments must outlive it.
class Resolver {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<api::Resolution>)>;

  Resolver(EventLoop& loop, const Directory& directory, const Mirrors& mirrors,
           const PausedLinks& paused, const DialPrefixes& prefixes,
           const RoutingPolicy& policy, const CallTokenMint& tokens,
           LinkCalls& calls, ContactAlarm& alarm);
  ~Resolver();

  // nullopt if peers have to be asked. No route leads back to `asker`.
  // Threading: any thread.
  std::optional<absl::StatusOr<api::Resolution>> AnswerAtOnce(
      const api::ResolveRequest& request, const Asker& asker = {}) const;

  // Asks the peers. `done` is called once, never from within this call.
  // Threading: loop only.
  void AskPeers(const api::ResolveRequest& request, Done done,
                const Asker& asker = {});

 private:
  struct Question;
  using Target = DialPrefixes::Target;

  MirrorFinding FindInMirrors(const Target& target) const {
    return mirrors_.Find(target.number, target.only ? &*target.only : nullptr);
  }

  // The routes of `hits`. Adds to `gaps` the links whose routes are refused,
  // and as unanswered those whose peers ask for a call token and have not told
  // yet how to make it.
  void AddRoutes(std::vector<MirrorHit> hits, store::InternalNumber number,
                 const Asker& asker, api::Resolution& resolution,
                 RouteGaps& gaps) const;
  // The user part of a URI for the hit; nullopt if it has to be a token, and
  // none can be made.
  std::optional<std::string> UserFor(const MirrorHit& hit,
                                     store::InternalNumber number) const;
  // Of a few of the links, quoted.
  std::string NamesOf(const std::vector<store::InterlinkId>& links) const;
  // NUMBER_NOT_FOUND, which names the links whose routes are refused, or the
  // paused ones, because nobody asks them.
  absl::Status NobodyHas(const Target& target, const RouteGaps& gaps) const;
  absl::Status NotBehindPrefix(const Target& target) const;
  // LOOKUP_INCOMPLETE.
  absl::Status Incomplete(const Target& target, const RouteGaps& gaps) const;
  // The routes in the last words of the links that did not answer; an error if
  // there are none.
  absl::StatusOr<api::Resolution> Conclude(const Target& target,
                                           const Asker& asker,
                                           std::vector<MirrorHit> stale,
                                           RouteGaps gaps) const;

  // Adds to the gaps of `question` what AddRoutes() would, without a route.
  void AddLinksWithoutRoute(const std::vector<MirrorHit>& hits,
                            Question& question) const;
  // Also notes in the question what is known without asking.
  std::vector<store::InterlinkId> LinksToAsk(Question& question) const;
  void Ask(const std::shared_ptr<Question>& question, store::InterlinkId id);
  void Answered(const std::shared_ptr<Question>& question,
                store::InterlinkId id, PeerAnswer<v1::LookupResponse> answer);
  void Finish(const std::shared_ptr<Question>& question);

  EventLoop& loop_;
  const Directory& directory_;
  const Mirrors& mirrors_;
  const PausedLinks& paused_;
  const DialPrefixes& prefixes_;
  const RoutingPolicy& policy_;
  const CallTokenMint& tokens_;
  LinkCalls& calls_;
  ContactAlarm& alarm_;
  // Questions that wait for peers; each ends within kResolveBudget.
  std::map<const Question*, std::shared_ptr<Question>> open_;
};

}  // namespace interlink::federation
