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

// Where peers are told to reach the listener of this daemon: what --advertise
// says, else the address that it is bound to. If that stands for all addresses
// of the machine, it is one of the machine's network, which may come after the
// daemon and may change; a network that goes leaves the address it had.
//
// Threading: loop only. Lifetime: the loop must outlive it.
class OwnAddresses {
 public:
  // `bound` is "host:port". `look` is HostInNetwork(), but for tests;
  // `on_change` is called when the network has changed addresses().
  OwnAddresses(federation::EventLoop& loop, std::string bound,
               std::function<std::string()> look,
               std::function<void()> on_change);

  // Of --advertise; {"none"}: not reachable.
  void Set(const std::vector<std::string>& advertise);

  // At most 4; none if nobody can reach this daemon, or nobody can for now.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  // Whether it is for the network to say.
  bool IsBoundToAll() const;
  void Look();  // And then again.
  void LookAgain();

  federation::EventLoop& loop_;
  const std::string bound_;
  const std::function<std::string()> look_;
  const std::function<void()> on_change_;
  std::vector<std::string> addresses_;
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
