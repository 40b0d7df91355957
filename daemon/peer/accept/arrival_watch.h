#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Looks at sockets that somebody else reads: whenever something arrives, at
// most every kInterval, and once when the socket has ended. A socket on which
// nothing arrives costs nothing.
//
// Has a thread of its own, because a flood that keeps the loop busy has to be
// noticed all the same.
// Threading: Add() and Wake() from any thread; what is passed to the
// constructor is called on the watch's own.
class ArrivalWatch {
 public:
  static constexpr std::chrono::milliseconds kInterval{5};

  struct Events {
    // Whether anything has arrived since the last look.
    std::function<bool(int descriptor)> look;
    // The socket has ended. Not looked at any more: it may be closed.
    std::function<void(int descriptor)> ended;
    // After each round, and at the time that it asked for last, if any.
    std::function<std::optional<federation::SteadyTime>()> round;
  };

  // `loop`, which is asked for the time only, must outlive it.
  ArrivalWatch(const federation::EventLoop& loop, Events events);
  // Returns when nothing is called any more.
  ~ArrivalWatch();
  ArrivalWatch(const ArrivalWatch&) = delete;
  ArrivalWatch& operator=(const ArrivalWatch&) = delete;

  // False if the system cannot.
  bool Add(int descriptor);

  // Has Events::round called soon.
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

  // Of the thread.
  std::map<int, federation::SteadyTime> looked_at_;
  std::set<int> polled_;  // Those on which much arrives: by time, not by event.
  federation::SteadyTime next_poll_;

  std::jthread thread_;  // The last: it uses all of the above.
};

}  // namespace interlink::daemon
