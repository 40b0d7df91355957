#include "daemon/system/service_reports.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <utility>

#include "daemon/system/notify_socket.h"

namespace interlink::daemon {
namespace {

// Until a manager that did not read is told again.
constexpr std::chrono::seconds kUntilNextTry{1};

// -1 if `text` is no whole number that a process or a time may have.
int64_t NumberIn(const std::string& text) {
  const bool is_number = !text.empty() && text.size() <= 15 &&
                         text.find_first_not_of("0123456789") == text.npos;
  return is_number ? std::stoll(text) : -1;
}

}  // namespace

ServiceReports::Wanted ServiceReports::WantedBy(
    const std::function<std::string(const std::string& name)>& environment,
    int process) {
  Wanted wanted{.socket = environment("NOTIFY_SOCKET")};
  if (wanted.socket.empty()) return wanted;
  // The variables may have come down from a parent that is watched itself.
  const std::string watched = environment("WATCHDOG_PID");
  if (!watched.empty() && NumberIn(watched) != process) return wanted;
  const int64_t silence = NumberIn(environment("WATCHDOG_USEC"));
  if (silence > 0) wanted.watchdog = std::chrono::microseconds(silence);
  return wanted;
}

ServiceReports::ServiceReports(federation::EventLoop& loop, Wanted wanted)
    : loop_(loop), wanted_(std::move(wanted)) {}

void ServiceReports::Ready(const std::string& status) {
  Tell("READY=1\nSTATUS=" + status);
  if (wanted_.watchdog.count() == 0) return;
  Feed();
  disk_patience_ = std::make_unique<DiskPatience>(
      loop_, disk_wait_, wanted_.socket, wanted_.watchdog);
}

void ServiceReports::Reloading() {
  if (is_stopping_) return;
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      loop_.Now().time_since_epoch());
  Tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void ServiceReports::Reloaded() {
  if (!is_stopping_) Tell("READY=1");
}

void ServiceReports::Stopping() {
  is_stopping_ = true;
  Tell("STOPPING=1\nSTATUS=stopping");
}

void ServiceReports::Feed() {
  if (waited_ == nullptr ||
      DiskPatience::IsPatient(waited_(), wanted_.watchdog)) {
    Send("WATCHDOG=1");
  }
  next_meal_ = loop_.After(BetweenMeals(wanted_.watchdog), [this] { Feed(); });
}

void ServiceReports::Tell(const std::string& turn) {
  next_try_.reset();
  if (Send(turn)) return;
  next_try_ = loop_.After(kUntilNextTry, [this, turn] { Tell(turn); });
}

bool ServiceReports::Send(const std::string& report) {
  if (wanted_.socket.empty()) return true;
  const bool is_sent = SendReport(wanted_.socket, report);
  const std::string why = std::strerror(errno);
  const bool was_heard = std::exchange(is_heard_, is_sent);
  if (!is_sent && was_heard) {
    spdlog::warn("the service manager at {} is not told {}: {}", wanted_.socket,
                 report.substr(0, report.find('\n')), why);
  }
  if (is_sent && !was_heard) {
    spdlog::info("the service manager at {} hears again", wanted_.socket);
  }
  return is_sent;
}

}  // namespace interlink::daemon
