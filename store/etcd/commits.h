#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/database.h"
#include "store/etcd/attempt.h"

namespace interlink::store {

class EtcdGroup;

// The commits of an account in etcd that were begun and are not answered: those
// that wait, those of the transaction on its way, and those whose answers are
// due.
//
// Threading: the loop.
class Commits {
 public:
  struct Begun {
    Batch batch;
    Database::Done done;
    std::chrono::steady_clock::time_point time;
    // What it gets if its transaction is made.
    absl::StatusOr<Revision> outcome = 0;
  };

  // The transaction on its way. Without commits it only asks whether etcd takes
  // any.
  struct InFlight {
    uint64_t number = 0;
    std::string base;  // As those of Attempt.
    std::string commit;
    std::vector<Begun> commits;
    // What the writer has found out; nullopt while it still tries.
    std::optional<Fate> fate;
    // The copy was read anew and does not show what became of it.
    bool is_orphan = false;
  };

  // A commit that was begun longer ago is not tried again.
  explicit Commits(std::chrono::milliseconds patience) : patience_(patience) {}

  void Begin(Batch batch, Database::Done done);
  void Refuse(Database::Done done, absl::Status status);
  void RefuseWaiting(const absl::Status& status);

  bool CanSend() const { return !in_flight_ && !waiting_.empty(); }
  // Moves those that wait into a group, as many as it has room for.
  std::vector<Begun> Fill(EtcdGroup& group);
  void Send(InFlight in_flight) { in_flight_ = std::move(in_flight); }
  // nullptr if nothing is on its way.
  InFlight* in_flight() { return in_flight_ ? &*in_flight_ : nullptr; }

  // How the transaction on its way ends: it was made, its commits get an error,
  // or they are tried again, unless whoever began them will have given up.
  void EndAsMade();
  void EndWith(const absl::Status& status);
  void TryAgain();

  // Gives the answers that are due; stops if `alive` expires meanwhile.
  void Answer(const std::weak_ptr<bool>& alive);

 private:
  const std::chrono::milliseconds patience_;
  std::deque<Begun> waiting_;
  std::optional<InFlight> in_flight_;
  std::vector<Begun> answers_;
};

}  // namespace interlink::store
