#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/observers.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// Who did it.
inline constexpr std::string_view kByAdministrator = "administrator";
inline constexpr std::string_view kByPeer = "peer";
inline constexpr std::string_view kByDaemon = "daemon";
// The turns of a link, of which there may be many.
inline constexpr std::string_view kConnected = "CONNECTED";
inline constexpr std::string_view kUnreachable = "UNREACHABLE";

// What happened, for the administrator to read later: at most kMaxEvents, the
// oldest go first. An event is written by the commit that it tells of.
//
// Equal events that follow each other within an hour are one with a count; the
// administrator's own only if nothing else happened in between, because their
// order matters. The chunks of one import are one event, too. Of what a peer
// causes, kMaxOfOneKind of each kind are kept per link, so that no peer pushes
// out what else happened; and so that a script that adds numbers, or a network
// that fails under many links, does not either, kMaxOfFamily of all that
// tell of numbers, and of all turns of links.
// Threading: loop only.
class EventLog {
 public:
  static constexpr size_t kMaxEvents = 10'000;
  static constexpr size_t kMaxOfOneKind = 20;
  static constexpr size_t kMaxOfFamily = 2000;

  // Finds what is in the log.
  static absl::StatusOr<std::unique_ptr<EventLog>> Open(
      store::Database& database);

  // Adds to `ops` what writes `events` (and drops those that must go).
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
  // What is bounded in all.
  enum class Family : uint8_t { kNone, kNumbers, kTurns };
  // What is in memory of an event that is kept.
  struct Kept {
    uint64_t sequence;
    size_t content;  // A hash of all but its times and count.
    size_t source;   // Of the link and kind; 0 if no peer caused it.
    Family family;
  };
  class Appending;

  explicit EventLog(store::Database& database) : database_(database) {}
  static Family FamilyOf(const store::v1::EventRecord& record);
  static Kept KeptOf(uint64_t sequence, const store::v1::EventRecord& record);
  absl::Status Load();
  void Apply(const store::Change& change);
  void Tell();
  // nullopt if it is gone.
  absl::StatusOr<std::optional<store::v1::EventRecord>> Read(
      uint64_t sequence) const;

  store::Database& database_;
  std::deque<Kept> kept_;  // By sequence.
  uint64_t last_ = 0;      // The highest sequence so far, 0 if there is none.
  uint64_t told_ = 0;      // The newest that observers were told of.
  Observers<uint64_t> observers_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
