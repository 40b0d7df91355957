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

// One commit of the rules: rows, tombstones, outbox and the events that tell of
// it, together or not at all.
//
// Every row that it touches is checked to be as it was read. A short-lived
// value: build, commit, drop. Threading: loop only.
class Transaction {
 public:
  Transaction(store::Database& database, const EventLog& events,
              const Generation& generation, WallTime now)
      : database_(database),
        events_(events),
        generation_(generation),
        now_(now) {}

  // A row that is not listed yet.
  void Insert(const store::v1::InterlinkRecord& record);
  // New contents of `row`.
  void Update(const Row& row, const store::v1::InterlinkRecord& record);
  // `row` becomes a tombstone, without its secrets.
  void Bury(const Row& row, store::v1::RemovalCause cause,
            std::optional<store::InterlinkId> successor = std::nullopt);
  // `row` goes without a trace: it never became a link.
  void Erase(const Row& row);

  void PutOutbox(const store::v1::OutboxRecord& record);
  void DeleteOutbox(store::InterlinkId id);

  // In place of the next generation, which every commit that makes, uses or
  // ends a key or link has by itself.
  void SetGeneration(store::Op op) { set_generation_ = std::move(op); }

  // `row` may be nullptr if the event is not about one.
  void Tell(std::string_view kind, std::string_view actor, const Row* row,
            std::string message);
  void Tell(std::string_view kind, std::string_view actor,
            const store::v1::InterlinkRecord& about, std::string message);
  // One that happened earlier.
  void Tell(store::v1::EventRecord event) { told_.push_back(std::move(event)); }

  // Whether this transaction changes that row already; it can do so once.
  bool Touches(store::InterlinkId id) const { return touched_.contains(id); }

  bool IsEmpty() const { return ops_.empty(); }

  // Errors: STORE_UNAVAILABLE, and then nothing has changed in memory.
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

// An event about that row, which happened once, at `time`.
store::v1::EventRecord EventOf(std::string_view kind, std::string_view actor,
                               const store::v1::InterlinkRecord& about,
                               std::string message, WallTime time);

}  // namespace interlink::federation
