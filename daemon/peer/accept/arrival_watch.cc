#include "daemon/peer/accept/arrival_watch.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <utility>
#include <vector>

namespace interlink::daemon {
namespace {

int Checked(int descriptor) {
  if (descriptor < 0) std::abort();
  return descriptor;
}

}  // namespace

ArrivalWatch::ArrivalWatch(const federation::EventLoop& loop, Events events)
    : loop_(loop),
      events_(std::move(events)),
      epoll_(Checked(epoll_create1(EPOLL_CLOEXEC))),
      wake_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = wake_}};
  Checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event));
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

ArrivalWatch::~ArrivalWatch() {
  thread_.request_stop();
  Wake();
  thread_.join();
  close(wake_);
  close(epoll_);
}

bool ArrivalWatch::Add(int descriptor) {
  return Arm(descriptor, true, EPOLL_CTL_ADD);
}

void ArrivalWatch::Wake() { eventfd_write(wake_, 1); }

// Edge-triggered, because the bytes that have arrived stay there for gRPC. The
// end is always reported.
bool ArrivalWatch::Arm(int descriptor, bool is_armed, int operation) {
  epoll_event event{.events = is_armed ? EPOLLIN | EPOLLET : 0U,
                    .data = {.fd = descriptor}};
  return epoll_ctl(epoll_, operation, descriptor, &event) == 0;
}

void ArrivalWatch::Run(const std::stop_token& stop) {
  std::array<epoll_event, 64> happened;
  std::optional<federation::SteadyTime> wanted;
  while (!stop.stop_requested()) {
    const int count =
        epoll_wait(epoll_, happened.data(), happened.size(), Timeout(wanted));
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = happened[static_cast<size_t>(i)];
      const int descriptor = event.data.fd;
      if (descriptor == wake_) continue;
      if ((event.events & (EPOLLHUP | EPOLLERR)) == 0) {
        Arrived(descriptor);
        continue;
      }
      // Closing our duplicate would not take it out while gRPC's is open.
      epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
      looked_at_.erase(descriptor);
      polled_.erase(descriptor);
      events_.ended(descriptor);
    }
    if (!polled_.empty() && loop_.Now() >= next_poll_) Poll();
    wanted = events_.round();
  }
}

int ArrivalWatch::Timeout(std::optional<federation::SteadyTime> wanted) const {
  if (!polled_.empty()) {
    wanted = wanted ? std::min(*wanted, next_poll_) : next_poll_;
  }
  if (!wanted) return -1;
  // Rounded up: never too early.
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(
      std::min<federation::Duration>(*wanted - loop_.Now(),
                                     std::chrono::hours(1)));
  return static_cast<int>(std::max<int64_t>(wait.count(), 0));
}

void ArrivalWatch::Arrived(int descriptor) {
  const federation::SteadyTime now = loop_.Now();
  const auto [entry, is_first] = looked_at_.try_emplace(descriptor, now);
  if (!is_first && now - entry->second < kInterval) {
    // Otherwise each packet would wake this thread.
    Arm(descriptor, false, EPOLL_CTL_MOD);
    if (polled_.empty()) next_poll_ = now + kInterval;
    polled_.insert(descriptor);
    return;
  }
  entry->second = now;
  events_.look(descriptor);
}

void ArrivalWatch::Poll() {
  std::vector<int> quiet;
  for (const int descriptor : polled_) {
    if (!events_.look(descriptor)) quiet.push_back(descriptor);
    looked_at_[descriptor] = loop_.Now();
  }
  for (const int descriptor : quiet) {
    polled_.erase(descriptor);
    Arm(descriptor, true, EPOLL_CTL_MOD);
  }
  next_poll_ = loop_.Now() + kInterval;
}

}  // namespace interlink::daemon
