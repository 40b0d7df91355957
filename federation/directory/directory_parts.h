#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "federation/base/event_loop.h"
#include "federation/base/observers.h"
#include "federation/directory/directory.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/internal_number.h"

namespace interlink::federation {

// This account's shared directory in parts, as sessions send it: a snapshot,
// then what has changed, each number as it is when its part is made. A part is
// made and encoded once for all sessions at the same place.
//
// Only shared entries fill a part, and only they are looked at: a peer cannot
// tell from sizes, counts or times how many private numbers lie between them.
// Threading: loop only. Lifetime: the arguments must outlive it.
class DirectoryParts {
 public:
  // Of the entries of a part, so that a message stays within 64 KiB.
  static constexpr size_t kPartBytes = 56 * 1024;
  // Changes that are remembered; a session that is further behind gets a
  // snapshot.
  static constexpr size_t kMostChanges = 65'536;

  // How far one session has come.
  struct Place {
    // The first change to be sent, counted from the start of the daemon.
    uint64_t change = 0;
    // The rest of a snapshot has to be sent before that change.
    bool is_snapshot = false;
    // The last number of the snapshot that was sent.
    std::optional<store::InternalNumber> sent_to;
    // The parts so far did not yet name the position of the directory.
    bool owes_position = true;
  };

  // `shared_changes` tells of each number that peers see otherwise than before.
  DirectoryParts(const Directory& directory,
                 Observers<store::InternalNumber>& shared_changes,
                 EventLoop& loop);

  // Where the whole directory begins.
  Place Beginning() const { return {.change = end(), .is_snapshot = true}; }
  // Behind all that there is so far.
  Place End() const { return {.change = end()}; }
  DirectoryPosition position() const { return directory_.position(); }

  bool HasPart(const Place& place) const {
    return place.owes_position || place.is_snapshot || place.change != end();
  }
  // The part that follows, as a message for the stream, and moves `place` on.
  // REQUIRES: HasPart().
  std::shared_ptr<const v1::SessionMessage> Next(Place& place);

 private:
  struct Made {
    std::shared_ptr<const v1::SessionMessage> message;  // nullptr: not yet.
    Place next;
  };
  // Two places with equal keys have the same next part. The number is the first
  // change; of a snapshot it says whether no change follows.
  using Key = std::tuple<bool, std::optional<store::InternalNumber>, uint64_t>;

  uint64_t end() const { return first_ + changes_.size(); }
  void Changed(store::InternalNumber number);
  Made MakeSnapshot(const Place& place) const;
  Made MakeChanges(const Place& place) const;
  // Names the position of the directory in `part`, if `next` is the end.
  void AddPosition(v1::DirectoryPart& part, Place& next) const;

  const Directory& directory_;
  EventLoop& loop_;
  uint64_t first_ = 0;  // Of `changes_`, among all changes.
  std::deque<store::InternalNumber> changes_;
  // Parts of the directory as it is now, until none is asked for in a while.
  std::map<Key, Made> made_;
  std::unique_ptr<EventLoop::Timer> forget_;
  std::unique_ptr<Observers<store::InternalNumber>::Subscription> subscription_;
};

}  // namespace interlink::federation
