#include "federation/ledger/event_log.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/hash/hash.h"
#include "federation/base/event_loop.h"
#include "federation/base/paging.h"
#include "federation/base/reason.h"
#include "federation/base/reread.h"
#include "federation/base/stored_record.h"

namespace interlink::federation {
namespace {

constexpr std::chrono::hours kMergedWithin{1};
// At most this long between two chunks of one import.
constexpr std::chrono::minutes kOneImport{1};

auto ContentOf(const store::v1::EventRecord& record) {
  return std::tie(record.kind(), record.actor(), record.interlink_id(),
                  record.interlink_name(), record.message());
}

bool IsByPeer(const store::v1::EventRecord& record) {
  return record.actor() == kByPeer ||
         (record.actor() == kByDaemon && !record.interlink_id().empty());
}

const google::protobuf::Timestamp& LastTime(
    const store::v1::EventRecord& record) {
  return record.has_last_time() ? record.last_time() : record.time();
}

std::string InWords(const store::v1::ImportCounts& counts) {
  std::string text = std::to_string(counts.added()) + " added, " +
                     std::to_string(counts.changed()) + " changed";
  if (counts.made_private() > 0) {
    text += ", " + std::to_string(counts.made_private()) + " private now";
  }
  if (counts.made_shared() > 0) {
    text += ", " + std::to_string(counts.made_shared()) + " shared now";
  }
  return text;
}

void AddUp(const store::v1::ImportCounts& more,
           store::v1::ImportCounts& counts) {
  counts.set_added(counts.added() + more.added());
  counts.set_changed(counts.changed() + more.changed());
  counts.set_made_private(counts.made_private() + more.made_private());
  counts.set_made_shared(counts.made_shared() + more.made_shared());
}

uint64_t CountOf(const store::v1::EventRecord& record) {
  return std::max<uint64_t>(record.count(), 1);
}

bool AreWithin(Duration span, const store::v1::EventRecord& former,
               const store::v1::EventRecord& event) {
  const Duration apart = store::FromTimestamp(event.time()) -
                         store::FromTimestamp(LastTime(former));
  return apart <= span && apart >= -span;
}

api::Event Show(uint64_t sequence, const store::v1::EventRecord& record) {
  api::Event event;
  event.set_sequence(static_cast<int64_t>(sequence));
  *event.mutable_time() = record.time();
  event.set_kind(record.kind());
  event.set_actor(record.actor());
  if (auto id = store::InterlinkId::FromBytes(record.interlink_id())) {
    event.set_interlink_id(id->ToHex());
  }
  event.set_interlink_name(record.interlink_name());
  event.set_message(record.message());
  event.set_count(static_cast<int64_t>(CountOf(record)));
  *event.mutable_last_time() = LastTime(record);
  return event;
}

}  // namespace

// Adds the events of one commit to its operations, one after another: each
// finds the log as the ones before leave it.
class EventLog::Appending {
 public:
  Appending(const EventLog& log, std::vector<store::Op>& ops)
      : log_(log), ops_(ops), last_(log.last_) {}

  void Add(store::v1::EventRecord event) {
    const bool is_merged = event.has_imported()
                               ? MergeImport(event)
                               : MergeAdded(event) || MergeKept(event);
    if (!is_merged) MakeRoom(event);
    const Kept kept = KeptOf(++last_, event);
    added_.push_back({kept, std::move(event)});
  }

  void Finish() {
    size_t count = log_.kept_.size() - dropped_.size() + added_.size();
    for (const Kept& kept : log_.kept_) {
      if (count <= kMaxEvents) break;
      if (Drop(kept.sequence)) --count;
    }
    for (const Added& added : added_) {
      ops_.push_back(store::Op::Put(store::EventKey(added.kept.sequence),
                                    store::Encode(added.record)));
    }
  }

 private:
  struct Added {
    Kept kept;
    store::v1::EventRecord record;
  };

  bool Drop(uint64_t sequence) {
    if (!dropped_.insert(sequence).second) return false;
    ops_.push_back(store::Op::Delete(store::EventKey(sequence)));
    return true;
  }

  // Merges `former` into `event`, if both say the same and are near enough.
  static bool Merge(const store::v1::EventRecord& former,
                    store::v1::EventRecord& event) {
    if (ContentOf(former) != ContentOf(event) ||
        !AreWithin(kMergedWithin, former, event)) {
      return false;
    }
    event.set_count(CountOf(former) + CountOf(event));
    const google::protobuf::Timestamp last_time = LastTime(event);
    *event.mutable_last_time() = last_time;
    *event.mutable_time() = former.time();
    return true;
  }

  // Merges an equal event of this commit, if there is one, into `event`.
  bool MergeAdded(store::v1::EventRecord& event) {
    const auto last =
        IsByPeer(event) || added_.empty() ? added_.rend() : added_.rbegin() + 1;
    const auto equal =
        std::find_if(added_.rbegin(), last, [&event](const Added& added) {
          return ContentOf(added.record) == ContentOf(event);
        });
    if (equal == last || !Merge(equal->record, event)) return false;
    added_.erase(std::next(equal).base());
    return true;
  }

  // Merges an equal event that is kept, if there is one, into `event`.
  bool MergeKept(store::v1::EventRecord& event) {
    const auto& kept = log_.kept_;
    const size_t content = KeptOf(0, event).content;
    // Whether events of the administrator follow each other is what matters.
    const size_t looked =
        IsByPeer(event) ? kept.size()
                        : std::min<size_t>(kept.size(), added_.empty() ? 1 : 0);
    const auto last = kept.rbegin() + static_cast<ptrdiff_t>(looked);
    const auto equal = std::find_if(
        kept.rbegin(), last,
        [&](const Kept& candidate) { return candidate.content == content; });
    if (equal == last || dropped_.contains(equal->sequence)) return false;
    const auto former = log_.Read(equal->sequence);
    if (!former.ok() || !*former || !Merge(**former, event)) return false;
    Drop(equal->sequence);
    return true;
  }

  // Merges the newest event into `event`, if both are chunks of one import.
  // Always writes the message.
  bool MergeImport(store::v1::EventRecord& event) {
    bool is_merged = false;
    if (!added_.empty()) {
      is_merged = AddUpImport(added_.back().record, event);
      if (is_merged) added_.pop_back();
    } else if (!log_.kept_.empty()) {
      const uint64_t newest = log_.kept_.back().sequence;
      const auto former = log_.Read(newest).value_or(std::nullopt);
      is_merged = former && AddUpImport(*former, event);
      if (is_merged) Drop(newest);
    }
    event.set_message(InWords(event.imported()));
    return is_merged;
  }

  static bool AddUpImport(const store::v1::EventRecord& former,
                          store::v1::EventRecord& event) {
    if (!former.has_imported() || !AreWithin(kOneImport, former, event)) {
      return false;
    }
    AddUp(former.imported(), *event.mutable_imported());
    *event.mutable_last_time() = event.time();
    *event.mutable_time() = former.time();
    return true;
  }

  // Drops the oldest event of each bounded group that `event` would overfill.
  void MakeRoom(const store::v1::EventRecord& event) {
    const Kept added = KeptOf(0, event);
    if (added.source != 0) {
      Bound(kMaxOfOneKind,
            [&added](const Kept& kept) { return kept.source == added.source; });
    }
    if (added.family != Family::kNone) {
      Bound(kMaxOfFamily,
            [&added](const Kept& kept) { return kept.family == added.family; });
    }
  }

  // Drops the oldest event for which `is_counted` holds if there are `most`.
  template <class Counts>
  void Bound(size_t most, Counts is_counted) {
    const auto counts = [&](const Kept& kept) {
      return is_counted(kept) && !dropped_.contains(kept.sequence);
    };
    const auto& kept = log_.kept_;
    const auto oldest = std::find_if(kept.begin(), kept.end(), counts);
    const ptrdiff_t count =
        std::count_if(oldest, kept.end(), counts) +
        std::count_if(added_.begin(), added_.end(), [&](const Added& added) {
          return is_counted(added.kept);
        });
    if (oldest != kept.end() && count >= static_cast<ptrdiff_t>(most)) {
      Drop(oldest->sequence);
    }
  }

  const EventLog& log_;
  std::vector<store::Op>& ops_;
  uint64_t last_;
  std::vector<Added> added_;
  std::set<uint64_t> dropped_;
};

absl::StatusOr<std::unique_ptr<EventLog>> EventLog::Open(
    store::Database& database) {
  std::unique_ptr<EventLog> log(new EventLog(database));
  log->subscription_ = database.Follow(
      std::string(store::kEventPrefix),
      {.on_commit =
           [log = log.get()](store::Revision, const auto& changes) {
             for (const store::Change& change : changes) log->Apply(change);
           },
       .on_reset = [log = log.get()] { CheckReread(log->Load()); },
       .tell = [log = log.get()] { log->Tell(); }});
  if (auto s = log->Load(); !s.ok()) return s;
  log->told_ = log->last_;
  return log;
}

absl::Status EventLog::Load() {
  auto entries = database_.Scan(store::kEventPrefix);
  if (!entries.ok()) return StoreRefusal(entries.status());
  kept_.clear();
  last_ = 0;
  for (store::Entry& entry : *entries) {
    Apply({std::move(entry.key), std::move(entry.value), entry.revision});
  }
  // The store may be an older one by now, whose next events are news.
  told_ = std::min(told_, last_);
  return absl::OkStatus();
}

EventLog::Kept EventLog::KeptOf(uint64_t sequence,
                                const store::v1::EventRecord& record) {
  return {.sequence = sequence,
          .content = absl::HashOf(ContentOf(record)),
          .source = IsByPeer(record)
                        ? absl::HashOf(record.interlink_id(), record.kind())
                        : 0,
          .family = FamilyOf(record)};
}

EventLog::Family EventLog::FamilyOf(const store::v1::EventRecord& record) {
  if (record.kind().starts_with("NUMBER")) return Family::kNumbers;
  const bool is_turn =
      record.kind() == kConnected || record.kind() == kUnreachable;
  return is_turn ? Family::kTurns : Family::kNone;
}

void EventLog::Apply(const store::Change& change) {
  const auto sequence = store::ParseEventKey(change.key);
  if (!sequence) return;
  const auto place = std::lower_bound(
      kept_.begin(), kept_.end(), *sequence,
      [](const Kept& kept, uint64_t other) { return kept.sequence < other; });
  const bool is_kept = place != kept_.end() && place->sequence == *sequence;
  if (!change.value) {
    if (is_kept) kept_.erase(place);
    return;
  }
  last_ = std::max(last_, *sequence);
  auto record = store::Decode<store::v1::EventRecord>(*change.value);
  // An event that cannot be read is kept until it is the oldest.
  const Kept kept = record.ok() ? KeptOf(*sequence, *record)
                                : Kept{*sequence, 0, 0, Family::kNone};
  if (is_kept) {
    *place = kept;
  } else {
    kept_.insert(place, kept);
  }
}

void EventLog::Tell() {
  while (told_ < last_) observers_.Tell(++told_);
}

void EventLog::Append(const std::vector<store::v1::EventRecord>& events,
                      std::vector<store::Op>& ops) const {
  Appending appending(*this, ops);
  for (const auto& event : events) appending.Add(event);
  appending.Finish();
}

absl::StatusOr<std::optional<store::v1::EventRecord>> EventLog::Read(
    uint64_t sequence) const {
  return ReadRecord<store::v1::EventRecord>(database_,
                                            store::EventKey(sequence));
}

absl::StatusOr<api::ListEventsResponse> EventLog::List(
    const api::ListEventsRequest& request) const {
  // The token is the sequence of the last event shown.
  uint64_t before = last_ + 1;
  if (!request.page_token().empty()) {
    const std::string& token = request.page_token();
    auto [end, error] =
        std::from_chars(token.data(), token.data() + token.size(), before);
    if (error != std::errc() || end != token.data() + token.size()) {
      return BadPageToken();
    }
  }
  auto next = std::lower_bound(
      kept_.begin(), kept_.end(), before,
      [](const Kept& kept, uint64_t other) { return kept.sequence < other; });
  const auto size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  api::ListEventsResponse response;
  while (next != kept_.begin() &&
         static_cast<size_t>(response.events_size()) < *size) {
    --next;
    auto record = Read(next->sequence);
    if (!record.ok()) return record.status();
    if (*record) *response.add_events() = Show(next->sequence, **record);
  }
  if (next != kept_.begin() && response.events_size() > 0) {
    response.set_next_page_token(std::to_string(next->sequence));
  }
  return response;
}

absl::StatusOr<std::optional<api::Event>> EventLog::Next(
    uint64_t sequence) const {
  const auto next = std::upper_bound(
      kept_.begin(), kept_.end(), sequence,
      [](uint64_t other, const Kept& kept) { return other < kept.sequence; });
  if (next == kept_.end()) return std::nullopt;
  auto record = Read(next->sequence);
  if (!record.ok()) return record.status();
  if (!*record) return std::nullopt;
  return Show(next->sequence, **record);
}

}  // namespace interlink::federation
