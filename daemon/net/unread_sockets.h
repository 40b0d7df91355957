#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Finds connected sockets whose other end reads nothing: something is unsent,
// and its amount has not changed for `patience`. gRPC cannot end the connection
// of such a one by itself, because it waits until what it has written is sent.
//
// Threading: loop only. Lifetime: the loop must outlive it; a socket has to be
// open until Remove().
class UnreadSockets {
 public:
  static constexpr std::chrono::seconds kPatience{60};

  // Called once for each such socket, which is removed by then.
  using Found = std::function<void(int socket)>;

  UnreadSockets(federation::EventLoop& loop, Found found,
                federation::Duration patience = kPatience)
      : loop_(loop), found_(std::move(found)), patience_(patience) {}

  void Add(int socket);
  // Nothing happens if it is none of them.
  void Remove(int socket) { unsent_.erase(socket); }

  federation::Duration patience() const { return patience_; }

 private:
  // How much of it was unsent when somebody looked, and since when.
  struct Unsent {
    int bytes = 0;
    federation::SteadyTime since;
  };
  void Look();

  federation::EventLoop& loop_;
  const Found found_;
  const federation::Duration patience_;
  std::map<int, Unsent> unsent_;
  std::unique_ptr<federation::EventLoop::Timer> timer_;  // While there is one.
};

}  // namespace interlink::daemon
