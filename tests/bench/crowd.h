#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/system/asio_event_loop.h"
#include "daemon/system/os_randomness.h"
#include "interlink/v1/interlink.pb.h"

namespace interlink::bench {

class DaemonProcess;

// Many accounts in this process, on one loop, with real TLS on loopback and
// their stores in memory: the peers of a daemon that is measured.
//
// Threading: one thread, which is not the crowd's own.
class Crowd {
 public:
  // With `listens` they tell the address of a listener of their own; else they
  // can only dial.
  Crowd(int size, bool listens);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Gives each account `count` numbers; those of all follow one another from
  // `first` on.
  void AddNumbers(int first, int count);
  // From now on their PBXs let in calls by call token only.
  void AskForCallTokens();
  // Links each with the daemon, by the daemon's keys if it can be reached, else
  // by the accounts'.
  void LinkWith(DaemonProcess& daemon);

 private:
  struct Member;

  // Runs it on the loop and waits for it.
  void OnLoop(const std::function<void()>& task);

  daemon::AsioEventLoop loop_;
  daemon::OsRandomness randomness_;
  const bool listens_;
  std::vector<std::unique_ptr<Member>> members_;
  std::thread thread_;
};

}  // namespace interlink::bench
