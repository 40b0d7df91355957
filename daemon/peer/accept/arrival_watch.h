#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Watches sockets that gRPC reads: looks at one whenever something has arrived,
// at most every kInterval, and once when it has ended. A silent socket costs
// nothing.
//
// Has a thread of its own, because a flood must be noticed even while it keeps
// the loop busy.
// Threading: Add() and Wake() from any thread. Events are called on the watch's
// own thread.
class ArrivalWatch {
 public:
  static constexpr std::chrono::milliseconds kInterval{5};

  struct Events {
    // Whether anything has arrived since the last look.
    std::function<bool(int descriptor)> look;
    // The socket has ended, and is no longer watched: it may be closed.
    std::function<void(int descriptor)> ended;
    // Called after each round, and at the time that it returned last, if any.
    std::function<std::optional<federation::SteadyTime>()> round;
  };

  // `loop`, which is asked for the time only, must outlive it.
  ArrivalWatch(const federation::EventLoop& loop, Events events);
  // Returns when no event is being called any more.
  ~ArrivalWatch();
  ArrivalWatch(const ArrivalWatch&) = delete;
  ArrivalWatch& operator=(const ArrivalWatch&) = delete;

  // False if the system cannot.
  bool Add(int descriptor);

  // Makes the thread call Events::round soon.
  void Wake();

 private:
  void Run(const std::stop_token& stop);
  void Arrived(int descriptor);
  void Poll();
  bool Arm(int descriptor, bool is_armed, int operation);
  int Timeout(std::optional<federation::SteadyTime> wanted) const;

  const federation::EventLoop& loop_;
  const Events events_;
  const int epoll_;
  const int wake_;

  // The thread's own.
  std::map<int, federation::SteadyTime> looked_at_;
  std::set<int> polled_;  // Busy ones: looked at by time, not by event.
  federation::SteadyTime next_poll_;

  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace interlink::daemon
