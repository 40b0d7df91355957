#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/records.h"

namespace interlink::federation {

// What a decision changes: records, each once, and the events about that.
struct Changes {
  std::vector<store::Op> ops;
  std::vector<store::v1::EventRecord> events;
  // Whether the account's generation moves on by this.
  bool moves_generation = false;

  bool IsEmpty() const { return ops.empty() && events.empty(); }
};

// What a decision reads in the tables of links, which show a change only once
// it is stored.
struct Subject {
  static Subject NoLink() { return {}; }
  // That row, its tombstone, and what its peer has to be told, and no other.
  static Subject Link(store::InterlinkId id) {
    return {.kind = Kind::kLink, .id = id};
  }
  static Subject AllLinks() { return {.kind = Kind::kAllLinks, .id = {}}; }
  // The same of a decision that a peer can cause as often as it likes.
  Subject ForPeer() const {
    Subject subject = *this;
    subject.is_for_peer = true;
    return subject;
  }

  enum class Kind { kNoLink, kLink, kAllLinks };
  Kind kind = Kind::kNoLink;
  store::InterlinkId id;
  bool is_for_peer = false;
};

// What the store will hold if the decisions of a batch are committed: what it
// holds now, and over that the changes of those that were taken so far.
//
// Threading: loop only. Lifetime: a batch; the database must outlive it.
class Draft {
 public:
  explicit Draft(const store::Database& database) : database_(database) {}

  // As Database::Get(). A record that the batch has changed has revision 0.
  absl::StatusOr<std::optional<store::Entry>> Get(std::string_view key) const;

  // How many more keys with `prefix` there are here than in the store; negative
  // if there are fewer. Errors: those of Database::Get().
  absl::StatusOr<ptrdiff_t> Growth(std::string_view prefix) const;

  // Whether the batch changes that, so that the tables are behind.
  bool Touches(const Subject& subject) const;
  bool Touches(std::string_view key) const { return changed_.contains(key); }

  bool IsChanged() const { return !changed_.empty() || !events_.empty(); }
  // Whether a batch with these changes, too, is within the store's limits.
  bool HasRoomFor(const Changes& changes) const;
  // How long the changes so far hold the loop, in changes of records.
  size_t Cost() const {
    return changed_.size() + kCostOfEvent * events_.size();
  }

  void Add(Changes changes);

  // All changes. The last change of a key is the one that counts.
  Changes Take();

 private:
  struct Changed {
    std::optional<std::string> value;
    // Before the batch; read once somebody counts.
    mutable std::optional<bool> is_stored;
  };

  // Of one event: its record, and the older ones that make room for it.
  static constexpr size_t kMostOpsOfEvent = 4;
  // Each is compared with all that are kept.
  static constexpr size_t kCostOfEvent = 8;

  const store::Database& database_;
  std::map<std::string, Changed, std::less<>> changed_;
  size_t bytes_ = 0;  // No less than those of `changed_`.
  std::vector<store::v1::EventRecord> events_;
  bool moves_generation_ = false;
};

}  // namespace interlink::federation
