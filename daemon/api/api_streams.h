#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>

#include "absl/status/status.h"
#include "daemon/api/rpc_policy.h"
#include "daemon/net/once_per_source.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The open watches: how many each role may have, the end of those whose client
// does not read, and the end of all when the daemon stops, because an open
// stream would hold gRPC's shutdown.
//
// Threading: loop only. Lifetime: the loop must outlive it, and it the streams.
class ApiStreams {
 public:
  // Places for each role, so that no role takes those of another.
  static constexpr size_t kMostOfAdmins = 400;
  static constexpr size_t kMostOfPbxs = 300;
  static constexpr size_t kMostOfViewers = 300;
  // How long a client may leave a message unread.
  static constexpr std::chrono::seconds kPatience{60};

  class Stream {
   public:
    virtual void End(absl::Status status) = 0;
    // The same, although its client has yet to read a message.
    virtual void BreakOff(absl::Status status) = 0;
    // Whether its client has left a message unread since then or longer.
    virtual bool IsUnread(federation::SteadyTime since) const = 0;

   protected:
    ~Stream() = default;
  };

  explicit ApiStreams(federation::EventLoop& loop,
                      federation::Duration patience = kPatience)
      : loop_(loop), patience_(patience) {}

  // LIMIT_REACHED if the role has too many; UNAVAILABLE if the daemon stops.
  absl::Status Add(Role role, Stream* stream);
  void Remove(Role role, Stream* stream);
  void EndAll();

 private:
  void LookForUnread();

  federation::EventLoop& loop_;
  const federation::Duration patience_;
  std::map<Role, std::set<Stream*>> open_;
  bool is_stopping_ = false;
  OncePerSource log_;
  std::unique_ptr<federation::EventLoop::Timer> timer_;  // While one is open.
};

}  // namespace interlink::daemon
