#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/simulated_account.h"

namespace interlink::testing {

// A call that a PBX has placed over a route that its daemon gave it.
struct Call {
  size_t caller = 0;
  size_t owner = 0;  // Of the number.
  std::string interlink_id;
  std::string number;
  std::string user;       // Of the URI: the number, or a call token.
  bool is_fresh = false;  // The route was not stale.
  federation::SteadyTime placed;
  // How the PBX asks about it: so many times, and as one call or as others.
  int questions = 1;
  bool is_one_call = true;
};

// Knows which calls have to be let in, and which must not be (design.md section
// 16). Nobody is let in over a link that its owner has deleted or paused, or of
// which the owner knows that the caller has paused it, or to a number that is
// not shared; nor with a token that is too old, or was let in eight times. A
// call over a fresh route is let in if its owner ran, and wanted or did not
// want tokens, for long enough to have told it.
//
// Reads the stores, past the rules that are tested.
class Calls {
 public:
  using Accounts = std::vector<std::unique_ptr<SimulatedAccount>>;
  using Violate = std::function<void(const std::string&)>;

  Calls(VirtualTime& time, const Accounts& accounts, Violate violate)
      : time_(time), accounts_(accounts), violate_(std::move(violate)) {}

  void Started(size_t account);
  void Stopped(size_t account) { stores_.erase(account); }
  // It lets in calls by token only from now on, or no longer.
  void Switched(size_t account);

  // The call that a PBX places over the first route of that answer; nullopt if
  // it places none.
  std::optional<Call> Over(size_t account, const std::string& number,
                           const absl::StatusOr<api::Resolution>& answer) const;
  // The call has reached its owner, which is asked whether it is let in.
  void Arrived(const Call& call) {
    for (int i = 0; i < call.questions; ++i) Ask(call, i);
  }

 private:
  using LinkAt = std::pair<size_t, std::string>;  // Where, which.

  struct Run {
    federation::SteadyTime start;
    federation::SteadyTime switched;
    std::string secret;
    federation::SteadyTime secret_changed;
  };

  SimulatedAccount& At(size_t account) const { return *accounts_.at(account); }
  void Observe(size_t account, const std::string& key,
               const std::optional<std::string>& value);
  void Ask(const Call& call, int question);
  void LetIn(const Call& call, const std::string& what);
  bool IsDue(const Call& call) const;
  // Whether the caller has kept the link paused since before the owner's store
  // says so.
  bool IsPausedByCaller(const Call& call) const;
  bool IsTooOld(const Call& call) const;
  int AdmissionsOf(const Call& call) const {
    const auto found = admissions_.find({call.owner, call.user});
    return found == admissions_.end() ? 0 : found->second;
  }
  bool IsOpen(const Call& call) const {
    return open_.contains({call.owner, call.interlink_id});
  }
  bool IsShared(const Call& call) const {
    return shared_.contains({call.owner, call.number});
  }

  VirtualTime& time_;
  const Accounts& accounts_;
  const Violate violate_;
  std::map<size_t, Run> runs_;
  std::set<LinkAt> open_;
  // The links that were ever paused: the owner of a number hears only later
  // that a pause by the caller has ended.
  std::set<LinkAt> ever_paused_;
  std::set<std::pair<size_t, std::string>> shared_;  // Whose, which number.
  // Since when the side's own row, and what it knows of the peer, says paused.
  std::map<LinkAt, federation::SteadyTime> paused_;
  std::map<LinkAt, federation::SteadyTime> paused_by_peer_;
  // How often the owner, since its start, has let in a token.
  std::map<std::pair<size_t, std::string>, int> admissions_;
  // By account, while it runs.
  std::map<size_t, std::unique_ptr<store::Database::Subscription>> stores_;
};

}  // namespace interlink::testing
