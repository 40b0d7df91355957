#include "daemon/sip/server_transactions.h"

#include <algorithm>
#include <utility>

namespace interlink::daemon {

size_t ServerTransactions::Entry::bytes() const {
  return key.size() + answer.size() + request_bytes + kOverhead +
         (later != nullptr ? later->trying.size() : 0);
}

ServerTransactions::ServerTransactions(federation::EventLoop& loop,
                                       Limits limits)
    : loop_(loop), limits_(limits) {}

ServerTransactions::~ServerTransactions() = default;

ServerTransactions::Known ServerTransactions::Find(std::string_view key) {
  ForgetOld();
  const auto found = index_.find(key);
  if (found == index_.end()) return {};
  const Entry& entry = *found->second;
  const bool is_waiting = entry.forget_at == federation::SteadyTime::max();
  return {.state = is_waiting ? State::kWaiting : State::kAnswered,
          .answer = entry.answer};
}

void ServerTransactions::Remember(std::string key, std::string answer) {
  Entries fresh;
  fresh.push_back({.key = std::move(key), .answer = std::move(answer)});
  const auto entry = fresh.begin();
  if (!index_.emplace(entry->key, entry).second) return;
  Keep(fresh, entry);
}

bool ServerTransactions::Wait(std::string key, std::string trying,
                              Sender sender, std::function<void()> late) {
  if (waiting_.size() >= limits_.waiting || index_.contains(key)) return false;
  Entries fresh;
  // The 100 repeats most of its request.
  fresh.push_back({.key = std::move(key),
                   .forget_at = federation::SteadyTime::max(),
                   .later = std::make_unique<Later>(),
                   .request_bytes = trying.size()});
  const auto entry = fresh.begin();
  entry->later->sender = std::move(sender);
  entry->later->trying = std::move(trying);
  bytes_ += entry->bytes();
  ForgetUntilThereIsRoom();
  if (bytes_ > limits_.bytes) {
    bytes_ -= entry->bytes();
    return false;
  }
  index_.emplace(entry->key, entry);
  waiting_.splice(waiting_.end(), fresh);
  entry->later->next =
      loop_.After(kTryingAfter, [this, entry] { SendTrying(*entry); });
  entry->later->late = loop_.After(kAnswerWithin, std::move(late));
  return true;
}

void ServerTransactions::SendTrying(Entry& entry) {
  Later& later = *entry.later;
  entry.answer = std::exchange(later.trying, {});
  later.sender.path->Send(entry.answer, later.sender.port);
}

void ServerTransactions::Answer(std::string_view key, std::string answer) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  const Entries::iterator entry = found->second;
  if (entry->forget_at != federation::SteadyTime::max()) return;
  const bool was_told_to_wait = !entry->answer.empty();
  bytes_ -= entry->bytes();
  entry->answer = std::move(answer);
  entry->request_bytes = 0;
  const Sender& sender = entry->later->sender;
  sender.path->Send(entry->answer, sender.port);
  if (was_told_to_wait && !sender.is_stream) {
    entry->later->late.reset();
    RepeatLater(*entry);
  } else {
    entry->later.reset();
  }
  Keep(waiting_, entry);
}

void ServerTransactions::RepeatLater(Entry& entry) {
  Later& later = *entry.later;
  if (loop_.Now() + later.interval >= entry.forget_at) {
    entry.later.reset();  // Its sender has given up by then (timer H).
    return;
  }
  later.next = loop_.After(later.interval, [this, &entry] {
    Later& due = *entry.later;
    due.sender.path->Send(entry.answer, due.sender.port);
    due.interval =
        std::min<federation::Duration>(2 * due.interval, kLongestRepeat);
    RepeatLater(entry);
  });
}

void ServerTransactions::Acknowledge(std::string_view key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  Entry& entry = *found->second;
  if (entry.forget_at != federation::SteadyTime::max()) entry.later.reset();
}

void ServerTransactions::Keep(Entries& from, Entries::iterator entry) {
  entry->forget_at = loop_.Now() + kKeep;
  answered_.splice(answered_.end(), from, entry);
  bytes_ += entry->bytes();
  ForgetUntilThereIsRoom();
  if (sweep_ == nullptr) Sweep();
}

// What waits stays.
void ServerTransactions::ForgetUntilThereIsRoom() {
  while (bytes_ > limits_.bytes && !answered_.empty()) ForgetFirst();
}

// Without it, the last answers would be kept until somebody asks again.
void ServerTransactions::Sweep() {
  sweep_ = loop_.After(kKeep, [this] {
    ForgetOld();
    if (answered_.empty()) {
      sweep_.reset();
    } else {
      Sweep();
    }
  });
}

void ServerTransactions::ForgetOld() {
  const federation::SteadyTime now = loop_.Now();
  while (!answered_.empty() && answered_.front().forget_at <= now) {
    ForgetFirst();
  }
}

void ServerTransactions::ForgetFirst() {
  const Entry& oldest = answered_.front();
  bytes_ -= oldest.bytes();
  index_.erase(oldest.key);
  answered_.pop_front();
}

}  // namespace interlink::daemon
