#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace interlink::daemon {

// What SIGTERM, SIGINT, SIGXCPU and SIGHUP do to this process.
//
// The first SIGTERM or SIGINT asks for an orderly end, which may take ten
// seconds; a second one ends the process at once, and so does the first before
// Ready(). So does SIGXCPU, a limit of processor time that is reached; only the
// first counts. SIGHUP asks for the settings to be read again. A thread of its
// own waits for the signals, so all this holds while the daemon starts, and
// while its loop waits for a disk that has stalled.
//
// To end at once loses nothing that was answered: it is like a power cut.
// Threading: Block() before the process has a second thread; Ready() from any.
// Lifetime: what the actions use must outlive it.
class Signals {
 public:
  // Called by the thread that waits for signals; they must not block.
  struct Actions {
    std::function<void()> stop;
    std::function<void()> reload;
  };

  // Keeps the signals from all threads of the process. They wait for a Signals.
  static void Block();

  explicit Signals(Actions actions);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The daemon serves from now on, so that there is something to end in order.
  void Ready();

 private:
  void Wait();
  void Handle(int signal);

  const Actions actions_;
  const int signals_;  // Descriptors: of the signals,
  const int wake_;     // and of what this class tells its thread.
  std::atomic<bool> is_ready_{false};
  bool is_stopping_ = false;  // Of the thread.
  std::thread thread_;
};

}  // namespace interlink::daemon
