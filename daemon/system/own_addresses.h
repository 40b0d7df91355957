#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// What this machine calls itself; "localhost" if it has no name.
std::string HostName();

// The host under which other machines reach this one: the address of the
// interface with the default route, else of any that leads to other machines.
// Empty if there is none. Sends nothing.
std::string HostInNetwork();

// The addresses at which peers are told to reach this daemon: those of
// --advertise, else the one that its listener is bound to. A listener that is
// bound to all addresses of the machine is reached at HostInNetwork(), which is
// looked for again and again: the network may come later than the daemon, and
// may change. If the network goes, its last address stays.
//
// Threading: loop only. Lifetime: the loop must outlive it.
class OwnAddresses {
 public:
  // `bound` is "host:port". `look` is HostInNetwork(), but for tests;
  // `on_change` is called when the network changes addresses().
  OwnAddresses(federation::EventLoop& loop, std::string bound,
               std::function<std::string()> look,
               std::function<void()> on_change);

  // The values of --advertise; {"none"} means not reachable.
  void Set(const std::vector<std::string>& advertise);

  // At most 4; none if nobody can reach this daemon, or nobody can for now.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  // Whether the network decides the address.
  bool IsBoundToAll() const;
  void Look();  // Now, and again later.
  void LookAgain();

  federation::EventLoop& loop_;
  const std::string bound_;
  const std::function<std::string()> look_;
  const std::function<void()> on_change_;
  std::vector<std::string> addresses_;
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
