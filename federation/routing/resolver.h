#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/directory/directory.h"
#include "federation/ledger/context.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirrors.h"
#include "federation/routing/paused_links.h"
#include "federation/sessions/sessions.h"

namespace interlink::federation {

// Finds who has a dialled number (design.md section 9): this account, else the
// mirrors of its links; owners are asked, for at most 800 ms, only while no
// mirror in step has it and one that is not in step may.
class Resolver {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<api::Resolution>)>;

  Resolver(const Context& context, const Directory& directory,
           const Mirrors& mirrors, const PausedLinks& paused,
           Sessions& sessions, ContactAlarm& alarm);
  ~Resolver();

  // The settings have changed. Loop only.
  void Reload();

  // The answer if it needs no word of a peer; else nullopt.
  // Threading: any thread.
  std::optional<absl::StatusOr<api::Resolution>> AnswerAtOnce(
      const api::ResolveRequest& request) const;

  // Asks the peers. `done` is called once, never from within this call.
  // Threading: loop only.
  void AskPeers(const api::ResolveRequest& request, Done done);

  // What can be dialled of linked accounts' numbers.
  // Threading: any thread. Errors: REQUEST_INVALID, LINK_NOT_FOUND.
  absl::StatusOr<api::ListReachableNumbersResponse> ListReachable(
      const api::ListReachableNumbersRequest& request) const;

 private:
  // What of the settings answers depend on.
  struct Policy {
    std::set<store::InternalNumber> never_remote;
    std::set<Host> contact_hosts;
    // Where this account's own PBX is, if the administrator has said so.
    std::optional<ContactTemplate> own_pbx;
  };
  struct Question;

  // nullopt if the contact breaks a rule of this account.
  std::optional<std::string> UriFor(const Policy& policy, const MirrorHit& hit,
                                    store::InternalNumber number) const;
  void AddRoutes(const Policy& rules, std::vector<MirrorHit> hits,
                 store::InternalNumber number,
                 api::Resolution& resolution) const;
  // NUMBER_NOT_FOUND, as far as the links that are not paused were asked.
  absl::Status NobodyHas(store::InternalNumber number) const;
  // The last words of those who did not answer, or that there are none.
  absl::StatusOr<api::Resolution> Conclude(
      store::InternalNumber number, std::vector<MirrorHit> stale,
      const std::vector<store::InterlinkId>& unanswered) const;

  void Ask(const std::shared_ptr<Question>& question, store::InterlinkId id);
  void Answered(const std::shared_ptr<Question>& question,
                store::InterlinkId id, PeerAnswer<v1::LookupResponse> answer);
  void Finish(const std::shared_ptr<Question>& question);

  Context context_;
  const Directory& directory_;
  const Mirrors& mirrors_;
  const PausedLinks& paused_;
  Sessions& sessions_;
  ContactAlarm& alarm_;
  // Old ones are kept, because an answer on another thread may go by one, and
  // settings change seldom.
  std::vector<std::unique_ptr<const Policy>> policies_;
  std::atomic<const Policy*> policy_ = nullptr;
  // Questions that wait for peers; each ends within the budget.
  std::map<const Question*, std::shared_ptr<Question>> open_;
};

}  // namespace interlink::federation
