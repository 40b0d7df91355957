#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "federation/base/observers.h"
#include "federation/ledger/row.h"
#include "federation/ledger/row_age.h"
#include "federation/ledger/tombstones.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// The rows of this account. What is in memory of them follows from the store's
// change feed alone, so a restart and a commit lead to the same state.
//
// Threading: loop only. Pointers to rows live until the next commit.
class Interlinks {
 public:
  static absl::StatusOr<std::unique_ptr<Interlinks>> Open(
      store::Database& database, EventLoop& loop);

  // nullptr if no such row is listed.
  const Row* Find(store::InterlinkId id) const;
  // The row with this name, else a row whose name people would take for it.
  const Row* FindByName(std::string_view name) const;
  // The row with this dial prefix; nullptr if there is none, or it is empty.
  const Row* FindByDialPrefix(std::string_view prefix) const;
  // The rows whose peer is `account`, the oldest first.
  std::vector<const Row*> WithPeer(store::AccountId account) const;
  const std::map<store::InterlinkId, Row>& rows() const { return rows_; }
  // The rows in the order of the list.
  const std::set<RowAge>& by_age() const { return by_age_; }
  // The same of the tombstones.
  const std::set<RowAge>& removed_by_age() const {
    return tombstones_->by_age();
  }

  absl::StatusOr<std::optional<store::v1::InterlinkRecord>> FindTombstone(
      store::InterlinkId id) const {
    return tombstones_->Find(id);
  }
  // The row that a removed one was merged into or replaced by; nullptr if there
  // is none, or it is gone as well.
  const Row* SuccessorOf(const store::v1::InterlinkRecord& tombstone) const;

  // Returns `name` made fit for a row. Errors: NAME_INVALID; NAME_TAKEN if a
  // row other than `except` has this name or one that people would take for it.
  absl::StatusOr<std::string> CheckName(std::string_view name,
                                        const Row* except) const;
  // LIMIT_REACHED if there are `max_rows` rows or more.
  absl::Status CheckRoom(int max_rows) const;

  // Sets the health, which is not stored; calls the observers if it changes.
  void SetHealth(store::InterlinkId id, api::InterlinkHealth health);
  // Notes that the peer has answered now, after `round_trip`, or that the link
  // was made now. Does not call the observers.
  void SetAnswered(store::InterlinkId id, std::optional<Duration> round_trip);
  // Sets the latest error, which is OK if all is well, and the time of the next
  // try; calls the observers if either changes.
  void SetTrouble(store::InterlinkId id, const absl::Status& error,
                  std::optional<WallTime> next_try);

  // Called with the id of a row after every change of it, stored or not; the
  // row may be gone. The whole commit is in memory by then.
  Observers<store::InterlinkId>& observers() { return observers_; }
  // Calls `found` with each row there is, then adds `changed` to observers().
  [[nodiscard]] std::unique_ptr<Observers<store::InterlinkId>::Subscription>
  Watch(const std::function<void(const Row&)>& found,
        Observers<store::InterlinkId>::Observer changed);

 private:
  Interlinks(store::Database& database, EventLoop& loop)
      : database_(database), loop_(loop) {}
  absl::Status Load();
  void Apply(const std::vector<store::Change>& changes);
  void Apply(store::InterlinkId id, const store::Change& change);
  void Tell() { observers_.TellEach(std::exchange(untold_, {})); }
  std::vector<const Row*> WithNameLike(std::string_view name) const;

  store::Database& database_;
  EventLoop& loop_;
  std::map<store::InterlinkId, Row> rows_;
  // By folded name, which rows of an earlier version may share.
  std::set<std::pair<std::string, store::InterlinkId>> by_name_;
  std::set<RowAge> by_age_;
  std::unique_ptr<Tombstones> tombstones_;
  std::vector<store::InterlinkId> untold_;  // Changed by the last commit.
  Observers<store::InterlinkId> observers_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

// Reads an id of the API. LINK_NOT_FOUND unless it is 32 hexadecimal digits.
absl::StatusOr<store::InterlinkId> ParseInterlinkId(std::string_view text);
// LINK_NOT_FOUND, for an id that no listed row has.
absl::Status NoSuchInterlink();

}  // namespace interlink::federation
