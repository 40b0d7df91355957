#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "federation/ledger/event_log.h"
#include "federation/ledger/generation.h"
#include "federation/ledger/interlinks.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// One commit of the rules: rows, tombstones, the outbox and the events about
// the changes, together or not at all. It fails if a row that it touches is no
// longer as it was read.
//
// A short-lived value: build, commit, drop. Threading: loop only.
class Transaction {
 public:
  Transaction(store::Database& database, const EventLog& events,
              const Generation& generation, WallTime now)
      : database_(database),
        events_(events),
        generation_(generation),
        now_(now) {}

  // Adds a row that is not listed yet.
  void Insert(const store::v1::InterlinkRecord& record);
  // Replaces the record of `row`.
  void Update(const Row& row, const store::v1::InterlinkRecord& record);
  // Turns `row` into a tombstone, without its secrets.
  void Bury(const Row& row, store::v1::RemovalCause cause,
            std::optional<store::InterlinkId> successor = std::nullopt);
  // Removes `row` without a trace: it never became a link.
  void Erase(const Row& row);

  void PutOutbox(const store::v1::OutboxRecord& record);
  void DeleteOutbox(store::InterlinkId id);

  // Replaces the generation op that Commit() would add.
  void SetGeneration(store::Op op) { set_generation_ = std::move(op); }

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

  bool IsEmpty() const { return ops_.empty(); }

  // Errors: STORE_UNAVAILABLE; then nothing has changed in memory.
  absl::Status Commit();

 private:
  void Touch(const Row& row);

  store::Database& database_;
  const EventLog& events_;
  const Generation& generation_;
  const WallTime now_;
  std::vector<store::Precondition> preconditions_;
  std::vector<store::Op> ops_;
  std::vector<store::v1::EventRecord> told_;
  std::set<store::InterlinkId> touched_;
  bool moves_generation_ = false;
  std::optional<store::Op> set_generation_;
};

// An event about a row that happened once, at `time`.
store::v1::EventRecord EventOf(std::string_view kind, std::string_view actor,
                               const store::v1::InterlinkRecord& about,
                               std::string message, WallTime time);

}  // namespace interlink::federation
