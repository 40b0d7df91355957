#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "daemon/sip/reply_path.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// What was answered to which request, so that a request that is sent again gets
// the same answer (RFC 3261 section 17.2), and which requests still wait for
// theirs.
//
// A request that waits longer than kTryingAfter is told so, which ends the
// sender's repetitions over UDP. From then on this side repeats the final
// answer (timer G), until its ACK.
//
// Answers are kept for kKeep. Beyond Limits::bytes, which count what waits too,
// the oldest are forgotten early: whoever then sends his request again gets an
// answer made anew.
//
// Threading: the thread of `loop`. Lifetime: `loop` must outlive it.
class ServerTransactions {
 public:
  static constexpr std::chrono::milliseconds kTryingAfter{200};  // Timer 100.
  static constexpr std::chrono::milliseconds kAnswerWithin{1000};
  static constexpr std::chrono::seconds kKeep{32};               // 64 * T1
  static constexpr std::chrono::milliseconds kFirstRepeat{500};  // T1
  static constexpr std::chrono::seconds kLongestRepeat{4};       // T2

  struct Limits {
    size_t bytes = 32 * 1024 * 1024;
    size_t waiting = 1000;
  };
  // What is known of a request.
  enum class State { kNew, kWaiting, kAnswered };
  struct Known {
    State state = State::kNew;
    std::string_view answer;  // The latest; empty if there was none yet.
  };
  // How to reach the sender later.
  struct Sender {
    std::shared_ptr<ReplyPath> path;
    uint16_t port = 0;
    bool is_stream = false;
  };

  ServerTransactions(federation::EventLoop& loop, Limits limits);
  ~ServerTransactions();

  // By SipRequest::TransactionKey(). The view holds until the next change.
  Known Find(std::string_view key);

  // An answer that was sent at once.
  void Remember(std::string key, std::string answer);

  // The request's answer comes later, by Answer(). Until then `trying` is sent
  // in time, and `late` is called after kAnswerWithin. False if too many wait,
  // or too much.
  bool Wait(std::string key, std::string trying, Sender sender,
            std::function<void()> late);
  // Sends the final answer of a request that waits; else does nothing.
  void Answer(std::string_view key, std::string answer);

  // An ACK has come: the answer has arrived.
  void Acknowledge(std::string_view key);

  size_t waiting() const { return waiting_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  using Timer = std::unique_ptr<federation::EventLoop::Timer>;

  // What is needed while something is to be sent later.
  struct Later {
    Sender sender;
    std::string trying;  // Until it is sent.
    Timer next;          // The 100, or the next repetition.
    Timer late;
    federation::Duration interval = kFirstRepeat;
  };
  struct Entry {
    std::string key;
    std::string answer;
    federation::SteadyTime forget_at;
    std::unique_ptr<Later> later;
    size_t request_bytes = 0;  // That the sender of a late answer keeps.

    size_t bytes() const;
  };
  using Entries = std::list<Entry>;
  // Of a list's node and the index.
  static constexpr size_t kOverhead = sizeof(Entry) + 64;

  void SendTrying(Entry& entry);
  void RepeatLater(Entry& entry);
  // Moves it to the end of those that are answered.
  void Keep(Entries& from, Entries::iterator entry);
  void Sweep();
  void ForgetUntilThereIsRoom();
  void ForgetOld();
  void ForgetFirst();

  federation::EventLoop& loop_;
  const Limits limits_;
  Entries waiting_;
  Entries answered_;  // The oldest first.
  absl::flat_hash_map<std::string_view, Entries::iterator> index_;
  size_t bytes_ = 0;  // Of both.
  Timer sweep_;       // While answered_ has some.
};

}  // namespace interlink::daemon
