#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace interlink::daemon {

// Things in the order of their latest changes, each once. One takes about 100
// bytes.
//
// Threading: one thread.
template <class Id>
class LatestChanges {
 public:
  // Counts changes: that of the first is 1.
  using Turn = uint64_t;

  void Add(const Id& id) {
    Turn& turn = turns_[id];
    by_turn_.erase(turn);
    turn = ++last_;
    by_turn_.emplace_hint(by_turn_.end(), turn, id);
  }

  // The first change after that turn.
  std::optional<std::pair<Turn, Id>> After(Turn turn) const {
    const auto next = by_turn_.upper_bound(turn);
    if (next == by_turn_.end()) return std::nullopt;
    return *next;
  }

  void ForgetUntil(Turn turn) {
    while (!by_turn_.empty() && by_turn_.begin()->first <= turn) {
      turns_.erase(by_turn_.begin()->second);
      by_turn_.erase(by_turn_.begin());
    }
    if (by_turn_.empty()) turns_ = {};  // Erasing keeps its memory.
  }

  size_t size() const { return by_turn_.size(); }
  // REQUIRES: size() > 0.
  Turn first() const { return by_turn_.begin()->first; }
  // Of all changes so far, 0 if there was none.
  Turn last() const { return last_; }

 private:
  std::map<Turn, Id> by_turn_;
  absl::flat_hash_map<Id, Turn> turns_;  // Of what is in `by_turn_`.
  Turn last_ = 0;
};

}  // namespace interlink::daemon
