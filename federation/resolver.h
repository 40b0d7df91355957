#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/api.h"
#include "federation/context.h"
#include "federation/directory.h"
#include "federation/link_health.h"

namespace interlink::federation {

// Finds who has a dialled number (design.md section 9): this account, else its
// linked accounts, each of which is asked, in parallel, for at most 800 ms.
class Resolver {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<api::Resolution>)>;

  Resolver(const Context& context, const Directory& directory,
           LinkHealth& health);
  ~Resolver();

  // The answer if it needs no peer: a local number, or a refusal; else nullopt.
  // Threading: any thread.
  std::optional<absl::StatusOr<api::Resolution>> AnswerLocally(
      const api::ResolveRequest& request) const;

  // Asks the peers. `done` is called once, never from within this call.
  // Threading: loop only.
  void AskPeers(const api::ResolveRequest& request, Done done);

 private:
  struct Question;

  void Ask(const std::shared_ptr<Question>& question, const Row& row);
  void Answered(const std::shared_ptr<Question>& question,
                store::InterlinkId id,
                const PeerAnswer<v1::LookupResponse>& answer);
  // nullopt if the peer's contact breaks a rule of this account.
  std::optional<api::Route> RouteFrom(const Row& row,
                                      store::InternalNumber number,
                                      const v1::LookupResponse::Entry& entry);
  void Finish(const std::shared_ptr<Question>& question);
  absl::StatusOr<api::Resolution> Conclude(const Question& question);

  Context context_;
  const Directory& directory_;
  LinkHealth& health_;
  // Questions that wait for peers; each ends within the budget.
  std::map<const Question*, std::shared_ptr<Question>> open_;
  // The strange host of which an event told last, by link.
  std::map<store::InterlinkId, std::string> told_hosts_;
};

}  // namespace interlink::federation
