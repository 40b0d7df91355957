#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/promises.h"
#include "tests/simulation/truth.h"
#include "tests/support/simulated_account.h"

namespace interlink::testing {

// Knows what administrators were answered, what was true when, and so what must
// never be seen. It looks at accounts from outside, as peers and PBXs do.
// The first violation is kept; the run should end with it.
class Oracle {
 public:
  using Accounts = std::vector<std::unique_ptr<SimulatedAccount>>;

  Oracle(VirtualTime& time, SimulatedNetwork& network,
         const Accounts& accounts);

  // It is watched from now on. `left_open`: keys of its store that may be gone.
  void Started(size_t account, const std::set<std::string>& left_open);
  void Stopped(size_t account);

  void KeyGenerated(size_t issuer, const std::string& id) {
    issuers_[id] = issuer;
  }
  // The administrator was answered OK, or, if not known, STORE_UNAVAILABLE.
  void Deleted(size_t account, const api::Interlink& row, bool is_known);
  // `rows` are those before an older copy, of the deletions until then, was put
  // back; the account has started with it.
  void PutBack(size_t account, const std::vector<api::Interlink>& rows,
               size_t deletions);
  // Of a copy that nothing yet shows to be older: its keys may be used again.
  void Forgive(size_t account);
  size_t deletions() const { return deletions_.size(); }

  // An answer to Resolve that was asked for at `begin`.
  void Resolved(size_t account, const std::string& number, bool bypass,
                federation::SteadyTime begin,
                const absl::StatusOr<api::Resolution>& answer);

  // What holds at every moment.
  void Check();
  // Of that, what circles say, and what can be answered at once.
  void CheckCircles();
  void CheckRoutes();
  // What holds long after the last fault.
  void CheckAgreement();

  const std::string& violation() const { return violation_; }  // Or empty.
  void Violate(const std::string& what);

 private:
  SimulatedAccount& At(size_t account) const { return *accounts_.at(account); }
  const std::string& NameOf(size_t account) const;
  size_t IndexOf(const std::string& account_id) const;
  // What its store holds now, read past the rules that are tested.
  void Observe(size_t account, const std::string& key,
               const std::optional<std::string>& value);
  void ObserveRow(size_t account, store::InterlinkId id,
                  const store::v1::InterlinkRecord& record);
  void CheckRoute(size_t account, const std::string& number, bool bypass,
                  federation::SteadyTime begin, const api::Route& route);
  void CheckNotFound(size_t account, const std::string& number, bool bypass,
                     federation::SteadyTime begin);
  // Since when a fresh answer about that peer's numbers may have been true.
  federation::SteadyTime WindowOf(size_t account, size_t peer, bool bypass,
                                  federation::SteadyTime begin) const;
  // What the account would tell its peers at this moment. Over closed links
  // that have not changed it looks only if this is a closer look.
  void CheckAnswers(size_t account, bool is_closer_look);
  void CheckAnswersTo(size_t peer, size_t account, const std::string& id,
                      bool is_open);
  void CheckGreen(size_t account, const api::Interlink& row);
  bool CanBeCalled(size_t account) const;
  bool IsKnownLost(const api::Interlink& row) const;
  bool WasForgottenBefore(size_t account, const Deletion& deletion) const;
  void CheckDelivered(size_t account);
  void CheckMirror(size_t account, const api::Interlink& row, size_t peer);
  void CheckBounds(size_t account);

  VirtualTime& time_;
  const SimulatedNetwork& network_;
  const Accounts& accounts_;
  std::string violation_;
  Promises promises_{accounts_,
                     [this](const std::string& what) { Violate(what); }};
  std::map<std::string, size_t> issuers_;            // Of a key, by id.
  std::map<std::string, std::set<size_t>> holders_;  // Ever established.
  // Where, which link: since when.
  std::map<std::pair<size_t, std::string>, federation::SteadyTime> established_;
  std::set<std::string> forgiven_;                 // Keys used again.
  std::vector<Deletion> deletions_;                // In their order.
  std::set<std::pair<size_t, std::string>> gone_;  // Rows deleted there.
  std::set<std::string> over_;                     // Links that must end.
  std::set<std::string> lost_;                     // By an older copy.
  // Where, which key: whether it was refused there because it is used.
  std::map<std::pair<size_t, std::string>, Truth> refused_;
  std::map<std::pair<size_t, std::string>, Truth> open_;  // Where, which link.
  std::map<std::pair<size_t, std::string>, Truth> shared_;  // Whose, which.
  std::set<std::pair<size_t, std::string>> own_;  // Numbers, shared or not.
  std::set<std::string> numbers_;  // That any account has ever had.
  std::set<std::pair<size_t, std::string>> changed_;  // Rows to look over.
  size_t checks_ = 0;
  std::map<std::pair<size_t, size_t>, std::deque<Pong>> pongs_;
  // By account, while it runs.
  std::map<size_t, std::unique_ptr<store::Database::Subscription>> stores_;
};

}  // namespace interlink::testing
