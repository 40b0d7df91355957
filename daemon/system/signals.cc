#include "daemon/system/signals.h"

#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace interlink::daemon {
namespace {

// For an orderly end. poll() measures it by the steady clock.
constexpr std::chrono::milliseconds kPatience{10'000};

sigset_t Handled() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGXCPU}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

int OpenSignals() {
  const sigset_t signals = Handled();
  const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
  if (descriptor < 0) std::abort();
  return descriptor;
}

int OpenEvent() {
  const int descriptor = eventfd(0, EFD_CLOEXEC);
  if (descriptor < 0) std::abort();
  return descriptor;
}

// Ends the process as `signal` would if it were not blocked, so that the parent
// process sees which signal it was.
[[noreturn]] void EndBy(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  std::raise(signal);
  // The first process of a container survives it.
  std::_Exit(128 + signal);
}

}  // namespace

void Signals::Block() {
  const sigset_t signals = Handled();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Signals::Signals(Actions actions)
    : actions_(std::move(actions)),
      signals_(OpenSignals()),
      wake_(OpenEvent()),
      thread_([this] { Wait(); }) {}

Signals::~Signals() {
  const uint64_t one = 1;
  if (write(wake_, &one, sizeof(one)) != sizeof(one)) std::abort();
  thread_.join();
  close(wake_);
  close(signals_);
}

void Signals::Ready() { is_ready_ = true; }

void Signals::Wait() {
  while (true) {
    std::array<pollfd, 2> awaited = {
        {{.fd = wake_, .events = POLLIN}, {.fd = signals_, .events = POLLIN}}};
    const int count =
        poll(awaited.data(), awaited.size(),
             is_stopping_ ? static_cast<int>(kPatience.count()) : -1);
    if (count == 0) {
      spdlog::critical("not stopped within {} s, so it ends as it stands",
                       kPatience.count() / 1000);
      std::_Exit(EXIT_FAILURE);
    }
    if (awaited[0].revents != 0) return;
    signalfd_siginfo info;
    if (awaited[1].revents != 0 &&
        read(signals_, &info, sizeof(info)) == sizeof(info)) {
      Handle(static_cast<int>(info.ssi_signo));
    }
  }
}

void Signals::Handle(int signal) {
  if (signal == SIGHUP) {
    actions_.reload();
    return;
  }
  if (signal == SIGXCPU) {
    // The system repeats it each second, until the hard limit kills the
    // process.
    if (is_stopping_) return;
    spdlog::critical(
        "the limit of processor time (ulimit -t) is reached; start the daemon "
        "with a greater one");
  }
  if (!is_ready_) EndBy(signal);
  // A second signal means that somebody cannot wait.
  if (std::exchange(is_stopping_, true)) std::_Exit(EXIT_FAILURE);
  actions_.stop();
  spdlog::info("stopping on signal {}", signal);
}

}  // namespace interlink::daemon
