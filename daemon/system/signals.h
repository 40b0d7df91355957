#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace interlink::daemon {

// What SIGTERM, SIGINT, SIGXCPU and SIGHUP do to this process.
//
// SIGTERM and SIGINT ask for an orderly end, which may take ten seconds. A
// second one ends the process at once; so does the first if it comes before
// Ready(). SIGXCPU, the limit of processor time, acts like the first SIGTERM
// and is ignored afterwards. SIGHUP has the settings read again. A thread of
// its own waits for the signals, so that they act while the daemon starts, and
// while its loop waits for a stalled disk.
//
// Ending at once loses nothing that was answered: it is like a power cut.
// Threading: Block() before the process has a second thread; Ready() from any.
// Lifetime: what the actions use must outlive it.
class Signals {
 public:
  // Called by the thread that waits for signals; they must not block.
  struct Actions {
    std::function<void()> stop;
    std::function<void()> reload;
  };

  // Keeps the signals from all threads of the process, for a Signals to take.
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
  const int signals_;  // A signalfd.
  const int wake_;     // An eventfd that ends the thread.
  std::atomic<bool> is_ready_{false};
  bool is_stopping_ = false;  // The thread's own.
  std::thread thread_;
};

}  // namespace interlink::daemon
