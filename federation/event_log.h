#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/api.h"
#include "federation/observers.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// Who did it.
inline constexpr std::string_view kByAdministrator = "administrator";
inline constexpr std::string_view kByPeer = "peer";
inline constexpr std::string_view kByDaemon = "daemon";

// What happened, for the administrator to read later: at most kMaxEvents, the
// oldest go first. An event is written by the commit that it tells of.
//
// Threading: loop only.
class EventLog {
 public:
  static constexpr uint64_t kMaxEvents = 10'000;

  // Finds where the log ends.
  static absl::StatusOr<std::unique_ptr<EventLog>> Open(
      store::Database& database);

  // Adds to `ops` what writes `events` (and drops the oldest).
  void Append(const std::vector<store::v1::EventRecord>& events,
              std::vector<store::Op>& ops) const;

  absl::StatusOr<api::ListEventsResponse> List(
      const api::ListEventsRequest& request) const;

  // The first event after `sequence` that is kept; nullopt if there is none.
  absl::StatusOr<std::optional<api::Event>> Next(uint64_t sequence) const;
  // The newest event's sequence, 0 if there is none.
  uint64_t last() const { return last_; }
  // Called with the sequence of each event that was stored.
  Observers<uint64_t>& observers() { return observers_; }

 private:
  explicit EventLog(store::Database& database) : database_(database) {}
  absl::Status Load();
  void Apply(const std::vector<store::Change>& changes);
  void Tell();

  store::Database& database_;
  uint64_t first_ = 1;  // The oldest event that is kept.
  uint64_t last_ = 0;   // The newest, 0 if there is none.
  uint64_t told_ = 0;   // The newest that observers were told of.
  Observers<uint64_t> observers_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
