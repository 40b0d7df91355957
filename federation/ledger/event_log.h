#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/observers.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// The actors of events.
inline constexpr std::string_view kByAdministrator = "administrator";
inline constexpr std::string_view kByPeer = "peer";
inline constexpr std::string_view kByDaemon = "daemon";
// The kinds that tell how a link turns; there may be many of these events.
inline constexpr std::string_view kConnected = "CONNECTED";
inline constexpr std::string_view kUnreachable = "UNREACHABLE";

// Events for the administrator to read later. The commit that causes an event
// also writes it. At most kMaxEvents are kept, and the oldest are dropped
// first.
//
// Equal events within an hour are merged into one with a count; events of the
// administrator only if nothing else happened in between, because their order
// matters. The chunks of one import are one event, too.
//
// So that no source pushes out the events of others, the log keeps at most
// kMaxOfOneKind events of each kind and link that a peer caused, kMaxOfFamily
// about numbers, and kMaxOfFamily about the turns of links.
//
// Threading: loop only.
class EventLog {
 public:
  static constexpr size_t kMaxEvents = 10'000;
  static constexpr size_t kMaxOfOneKind = 20;
  static constexpr size_t kMaxOfFamily = 2000;

  // Reads the log from the store.
  static absl::StatusOr<std::unique_ptr<EventLog>> Open(
      store::Database& database);

  // Adds to `ops` the operations that write `events` and drop old ones.
  void Append(const std::vector<store::v1::EventRecord>& events,
              std::vector<store::Op>& ops) const;

  absl::StatusOr<api::ListEventsResponse> List(
      const api::ListEventsRequest& request) const;

  // The first event after `sequence` that is kept; nullopt if there is none.
  absl::StatusOr<std::optional<api::Event>> Next(uint64_t sequence) const;
  // The newest event's sequence, 0 if there is none.
  uint64_t last() const { return last_; }
  // Called with the sequence of each event after it is stored.
  Observers<uint64_t>& observers() { return observers_; }

 private:
  // Kinds that share a bound.
  enum class Family : uint8_t { kNone, kNumbers, kTurns };
  // The part of a kept event that is in memory.
  struct Kept {
    uint64_t sequence;
    size_t content;  // A hash of all but the times and the count.
    size_t source;   // A hash of link and kind; 0 if no peer caused it.
    Family family;
  };
  class Appending;

  explicit EventLog(store::Database& database) : database_(database) {}
  static Family FamilyOf(const store::v1::EventRecord& record);
  static Kept KeptOf(uint64_t sequence, const store::v1::EventRecord& record);
  absl::Status Load();
  void Apply(const store::Change& change);
  void Tell();
  // nullopt if the event was dropped.
  absl::StatusOr<std::optional<store::v1::EventRecord>> Read(
      uint64_t sequence) const;

  store::Database& database_;
  std::deque<Kept> kept_;  // By sequence.
  uint64_t last_ = 0;      // The highest sequence so far, 0 if there is none.
  uint64_t told_ = 0;      // The newest event that observers were told of.
  Observers<uint64_t> observers_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
