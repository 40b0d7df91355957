#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "federation/ledger/draft.h"
#include "federation/ledger/event_log.h"
#include "federation/ledger/interlinks.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// What a decision changes of the links: rows, tombstones, the outbox and the
// events about the changes, together or not at all.
//
// A short-lived value: build, take, drop. Threading: loop only.
class Transaction {
 public:
  explicit Transaction(WallTime now) : now_(now) {}

  // Adds a row that is not listed yet.
  void Insert(const store::v1::InterlinkRecord& record);
  // Replaces the record of `row`.
  void Update(const Row& row, const store::v1::InterlinkRecord& record);
  // Turns `row` into a tombstone, without its secrets.
  void Bury(const Row& row, store::v1::RemovalCause cause,
            std::optional<store::InterlinkId> successor = std::nullopt);
  // Removes `row` without a trace: it never became a link.
  void Erase(const Row& row);

  // Removes a tombstone that is past its time.
  void Forget(store::InterlinkId id);

  void PutOutbox(const store::v1::OutboxRecord& record);
  void DeleteOutbox(store::InterlinkId id);

  // Sets the generation, instead of moving it on.
  void SetGeneration(store::Op op) { ops_.push_back(std::move(op)); }

  // Leaves the generation as it is, whatever else is added.
  void KeepGeneration() { keeps_generation_ = true; }

  // Puts another call secret in force (CallSecrets::Renewed).
  void RenewCallSecret(store::Op op) { ops_.push_back(std::move(op)); }

  // Adds an event; `row` is nullptr if it is not about a row.
  void Tell(std::string_view kind, std::string_view actor, const Row* row,
            std::string message);
  void Tell(std::string_view kind, std::string_view actor,
            const store::v1::InterlinkRecord& about, std::string message);
  // Adds an event that happened earlier.
  void Tell(store::v1::EventRecord event) { told_.push_back(std::move(event)); }

  // Whether this transaction changes row `id` already; it can do so only once.
  bool Touches(store::InterlinkId id) const { return touched_.contains(id); }

  bool TouchesAny() const { return !touched_.empty(); }

  bool IsEmpty() const { return ops_.empty(); }

  // What was added, for Ledger.
  Changes Take();

 private:
  WallTime now_;
  std::vector<store::Op> ops_;
  std::vector<store::v1::EventRecord> told_;
  std::set<store::InterlinkId> touched_;
  bool moves_generation_ = false;
  bool keeps_generation_ = false;
};

// An event about a row that happened once, at `time`.
store::v1::EventRecord EventOf(std::string_view kind, std::string_view actor,
                               const store::v1::InterlinkRecord& about,
                               std::string message, WallTime time);

}  // namespace interlink::federation
