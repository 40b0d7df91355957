#include "daemon/cli/page/enter_watch.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

namespace interlink::cli {
namespace {

// No signal tells a program that was put into the foreground while it ran.
constexpr std::chrono::milliseconds kForegroundPause{500};

}  // namespace

EnterWatch::EnterWatch(boost::asio::io_context& loop,
                       std::function<void()> pressed)
    : pressed_(std::move(pressed)), input_(loop), pause_(loop) {}

void EnterWatch::Start(int descriptor) {
  const int copy = dup(descriptor);
  if (copy < 0) return;
  boost::system::error_code error;
  input_.assign(copy, error);
  if (!error) return Await();
  close(copy);
}

void EnterWatch::Stop() {
  boost::system::error_code ignored;
  input_.close(ignored);
  pause_.cancel();
}

// Does not read before there is something: a read in the background would stop
// the program.
void EnterWatch::Await() {
  input_.async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [self = shared_from_this()](boost::system::error_code error) {
        if (!error && self->input_.is_open()) self->Read();
      });
}

void EnterWatch::AwaitForeground() {
  pause_.expires_after(kForegroundPause);
  pause_.async_wait(
      [self = shared_from_this()](boost::system::error_code error) {
        if (error || !self->input_.is_open()) return;
        if (self->IsInBackground()) return self->AwaitForeground();
        self->Await();
      });
}

// False for a pipe, and for a terminal that has no jobs.
bool EnterWatch::IsInBackground() {
  const pid_t foreground = tcgetpgrp(input_.native_handle());
  return foreground >= 0 && foreground != getpgrp();
}

void EnterWatch::Read() {
  if (IsInBackground()) return AwaitForeground();
  std::array<char, 256> bytes{};
  const ssize_t size = read(input_.native_handle(), bytes.data(), bytes.size());
  if (size < 0 && errno == EINTR) return Await();
  // It went into the background just now, where SIGTTIN is ignored.
  if (size < 0 && errno == EIO) return AwaitForeground();
  if (size <= 0) return;
  const std::string_view text(bytes.data(), static_cast<size_t>(size));
  if (text.find('\n') != std::string_view::npos) pressed_();
  Await();
}

}  // namespace interlink::cli
