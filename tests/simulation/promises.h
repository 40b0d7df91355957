#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/simulated_account.h"

namespace interlink::testing {

// What accounts have said to somebody and so must keep to, whatever happens to
// them: a change that was told is still there after a crash, and is told as a
// whole; an attempt whose cancellation was confirmed links nobody, however late
// it comes; two accounts that were linked stay so until somebody ends it.
//
// Reads the stores, past the rules that are tested.
class Promises {
 public:
  using Accounts = std::vector<std::unique_ptr<SimulatedAccount>>;
  using Violate = std::function<void(const std::string&)>;

  Promises(const Accounts& accounts, Violate violate);

  // `left_open`: keys that an unanswered commit may have removed.
  void Started(size_t account, const std::set<std::string>& left_open);
  void Stopped(size_t account);
  // By an older copy, which is not bound by what was said since; the account
  // has started with it.
  void PutBack(size_t account);
  // What holds long after the last fault.
  void CheckLongAfter();

 private:
  // What one account has told so far.
  struct Told {
    std::map<std::string, store::Revision> revisions;  // By key.
    std::map<std::string, std::string> cancels;  // Redeem ids, by outbox key.
    bool is_disk_failing = false;
    std::unique_ptr<store::Database::Subscription> store;
    std::unique_ptr<federation::Observers<store::InterlinkId>::Subscription>
        rows;
  };

  // One interlink that was established, on either side.
  struct Link {
    std::pair<std::string, std::string> accounts;  // Ids, in their order.
    size_t place;                                  // Among all, by their time.
    std::set<size_t> holders;
  };

  void Observe(size_t account, const store::Change& change);
  void ObserveOutbox(Told& told, const store::Change& change);
  void ObserveTombstone(const store::v1::InterlinkRecord& row);
  // Of two keys that crossed, one link stays, which the administrator of the
  // other side may have deleted just before.
  bool WasMergedIntoAnEndedOne(std::string id) const;
  // Of whoever is told of a row: whether all is in memory as it is stored.
  void CheckWhole(size_t account) const;
  void ObserveRow(size_t account, const store::v1::InterlinkRecord& row);
  void CheckKnown(size_t account, const store::v1::Peer& known);

  const Accounts& accounts_;
  const Violate violate_;
  std::map<size_t, Told> told_;
  std::set<std::string> burnt_;                // Interlink ids with redeem ids.
  std::map<std::string, Link> links_;          // By id.
  std::set<std::string> ended_;                // Ids, by an administrator.
  std::map<std::string, std::string> merged_;  // Into which, by id.
};

}  // namespace interlink::testing
