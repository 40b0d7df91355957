#include "daemon/net/hang_ups.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace interlink::daemon {
namespace {

int NewEpoll() {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) std::abort();
  return descriptor;
}

}  // namespace

HangUps::HangUps(AsioEventLoop& loop, std::string listener, Ended ended,
                 federation::Duration patience)
    : loop_(loop),
      listener_(std::move(listener)),
      ended_(std::move(ended)),
      ends_(loop.context(), NewEpoll()),
      unread_(
          loop, [this](Duplicate duplicate) { BreakUnread(duplicate); },
          patience) {
  Watch();
}

HangUps::~HangUps() {
  absl::MutexLock lock(&mutex_);
  for (const Duplicate duplicate : kept_) close(duplicate);
}

std::optional<HangUps::Duplicate> HangUps::Keep(int socket) {
  const int duplicate = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return std::nullopt;
  // No events but those that are always reported: error and hang-up.
  epoll_event event{.events = 0, .data = {.fd = duplicate}};
  if (epoll_ctl(ends_.native_handle(), EPOLL_CTL_ADD, duplicate, &event) != 0) {
    close(duplicate);
    return std::nullopt;
  }
  unread_.Add(duplicate);
  absl::MutexLock lock(&mutex_);
  kept_.insert(duplicate);
  return duplicate;
}

void HangUps::Break(Duplicate duplicate) { shutdown(duplicate, SHUT_RDWR); }

void HangUps::BreakAll() {
  absl::MutexLock lock(&mutex_);
  for (const Duplicate duplicate : kept_) Break(duplicate);
}

void HangUps::BreakUnread(Duplicate duplicate) {
  Break(duplicate);
  if (!log_.MayLog(listener_, loop_.Now())) return;
  spdlog::warn(
      "a connection of {} was ended, because its client has read nothing for "
      "{} seconds",
      listener_,
      std::chrono::duration_cast<std::chrono::seconds>(unread_.patience())
          .count());
}

void HangUps::Watch() {
  ends_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
        if (error || alive.expired()) return;
        ForgetEnded();
        Watch();
      });
}

void HangUps::ForgetEnded() {
  std::array<epoll_event, 64> events;
  int count = 0;
  do {
    count = epoll_wait(ends_.native_handle(), events.data(), events.size(), 0);
    for (int i = 0; i < count; ++i) {
      const Duplicate duplicate = events[static_cast<size_t>(i)].data.fd;
      ended_(duplicate);
      // Closing does not take it out of the epoll while gRPC's own is open.
      epoll_ctl(ends_.native_handle(), EPOLL_CTL_DEL, duplicate, nullptr);
      unread_.Remove(duplicate);
      absl::MutexLock lock(&mutex_);
      kept_.erase(duplicate);
      close(duplicate);
    }
  } while (count == static_cast<int>(events.size()));
}

}  // namespace interlink::daemon
