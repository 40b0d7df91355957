#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/api/latest_changes.h"
#include "federation/base/event_loop.h"
#include "federation/base/observers.h"
#include "federation/base/reason.h"

namespace interlink::daemon {

// What has changed lately, for readers who each come to it in their own time. A
// thing that changes again waits once, as the one that has changed last. All
// readers share what waits, so it costs for a thousand what it costs for one.
//
// Keeps at most `most` changes, and none that every reader has read. Who has
// more to read than that has to begin again.
//
// Threading: loop only. Lifetime: the loop must outlive it, and it its readers.
template <class Id>
class ChangeJournal {
 public:
  static constexpr size_t kMost = 100'000;
  using Turn = typename LatestChanges<Id>::Turn;
  using Wake = std::function<void()>;

  class Reader {
   public:
    ~Reader() { journal_.Close(read_until_); }

    // What has changed longest ago of that which was not read; nullopt if that
    // was all. LIMIT_REACHED, from then on, once changes are lost to it.
    absl::StatusOr<std::optional<Id>> Next() {
      const auto next = Peek();
      if (next.ok() && *next) {
        const Turn turn = journal_.changes_.After(read_until_)->first;
        journal_.read_until_.insert(turn);
        journal_.Close(std::exchange(read_until_, turn));
      }
      return next;
    }
    // The same, but it is still to be read then.
    absl::StatusOr<std::optional<Id>> Peek() const {
      if (read_until_ < journal_.lost_until_) {
        return federation::Refusal(
            federation::Reason::kLimitReached,
            "this watch has fallen too far behind; watch again");
      }
      const auto next = journal_.changes_.After(read_until_);
      return next ? std::optional<Id>(next->second) : std::nullopt;
    }

   private:
    friend class ChangeJournal;
    Reader(ChangeJournal& journal, Wake wake)
        : journal_(journal),
          read_until_(journal.changes_.last()),
          subscription_(journal.news_.Add(std::move(wake))) {
      journal_.read_until_.insert(read_until_);
    }

    ChangeJournal& journal_;
    Turn read_until_;
    std::unique_ptr<federation::Observers<>::Subscription> subscription_;
  };

  ChangeJournal(federation::EventLoop& loop,
                federation::Observers<Id>& observers, size_t most = kMost)
      : loop_(loop),
        most_(most),
        subscription_(observers.Add([this](const Id& id) { Note(id); })) {}

  // Reads what changes from now on. `wake` is called after one or more changes.
  std::unique_ptr<Reader> Open(Wake wake) {
    return std::unique_ptr<Reader>(new Reader(*this, std::move(wake)));
  }

  // How many changes are kept.
  size_t size() const { return changes_.size(); }

 private:
  void Note(const Id& id) {
    if (read_until_.empty()) return;
    changes_.Add(id);
    if (changes_.size() > most_) {
      lost_until_ = changes_.first();
      changes_.ForgetUntil(lost_until_);
    }
    if (std::exchange(is_waking_, true)) return;
    loop_.Post([this] {
      is_waking_ = false;
      news_.Tell();
    });
  }

  // Nobody is there any more who has read until `read_until` only.
  void Close(Turn read_until) {
    read_until_.erase(read_until_.find(read_until));
    changes_.ForgetUntil(read_until_.empty() ? changes_.last()
                                             : *read_until_.begin());
  }

  federation::EventLoop& loop_;
  const size_t most_;
  LatestChanges<Id> changes_;
  std::multiset<Turn> read_until_;  // By each reader.
  Turn lost_until_ = 0;  // What changed until then is lost to who has not read.
  bool is_waking_ = false;
  federation::Observers<> news_;
  std::unique_ptr<typename federation::Observers<Id>::Subscription>
      subscription_;
};

}  // namespace interlink::daemon
