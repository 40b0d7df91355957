#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/counters.h"
#include "federation/directory/directory.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirrors.h"
#include "federation/routing/paused_links.h"
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

  Resolver(EventLoop& loop, Counters& counters, const Directory& directory,
           const Mirrors& mirrors, const PausedLinks& paused,
           const RoutingPolicy& policy, LinkCalls& calls, ContactAlarm& alarm);
  ~Resolver();

  // nullopt if peers have to be asked.
  // Threading: any thread.
  std::optional<absl::StatusOr<api::Resolution>> AnswerAtOnce(
      const api::ResolveRequest& request) const;

  // Asks the peers. `done` is called once, never from within this call.
  // Threading: loop only.
  void AskPeers(const api::ResolveRequest& request, Done done);

 private:
  struct Question;

  void AddRoutes(std::vector<MirrorHit> hits, store::InternalNumber number,
                 api::Resolution& resolution) const;
  // NUMBER_NOT_FOUND, which names the paused links, because nobody asks them.
  absl::Status NobodyHas(store::InternalNumber number) const;
  // The routes in the last words of the links that did not answer; an error if
  // there are none.
  absl::StatusOr<api::Resolution> Conclude(
      store::InternalNumber number, std::vector<MirrorHit> stale,
      const std::vector<store::InterlinkId>& unanswered) const;

  void Ask(const std::shared_ptr<Question>& question, store::InterlinkId id);
  void Answered(const std::shared_ptr<Question>& question,
                store::InterlinkId id, PeerAnswer<v1::LookupResponse> answer);
  void Finish(const std::shared_ptr<Question>& question);

  EventLoop& loop_;
  Counters& counters_;
  const Directory& directory_;
  const Mirrors& mirrors_;
  const PausedLinks& paused_;
  const RoutingPolicy& policy_;
  LinkCalls& calls_;
  ContactAlarm& alarm_;
  // Questions that wait for peers; each ends within kResolveBudget.
  std::map<const Question*, std::shared_ptr<Question>> open_;
};

}  // namespace interlink::federation
