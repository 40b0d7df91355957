#include "daemon/cli/page/enter_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace interlink::cli {
namespace {

// No signal tells a program that was put into the foreground while it ran.
constexpr std::chrono::milliseconds kForegroundPause{500};

// What `descriptor` leads to, opened anew: Asio makes its reads return at once,
// and a copy would do so for the shell and its other programs as well. A socket
// cannot be opened, so that a copy has to do.
int OpenAgain(int descriptor) {
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  const int own =
      open(path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  return own >= 0 ? own : fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

}  // namespace

EnterWatch::EnterWatch(boost::asio::io_context& loop,
                       std::function<void()> pressed)
    : pressed_(std::move(pressed)), input_(loop), pause_(loop) {}

void EnterWatch::Start(int descriptor) {
  const int own = OpenAgain(descriptor);
  if (own < 0) return;
  boost::system::error_code error;
  input_.assign(own, error);
  if (!error) return Await();
  close(own);
}

void EnterWatch::Stop() {
  boost::system::error_code ignored;
  input_.close(ignored);
  pause_.cancel();
}

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
        if (!error && self->input_.is_open()) self->Await();
      });
}

void EnterWatch::Read() {
  std::array<char, 256> bytes{};
  const ssize_t size = read(input_.native_handle(), bytes.data(), bytes.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return Await();
  // In the background, where SIGTTIN is ignored.
  if (size < 0 && errno == EIO) return AwaitForeground();
  if (size <= 0) return;
  const std::string_view text(bytes.data(), static_cast<size_t>(size));
  if (text.find('\n') != std::string_view::npos) pressed_();
  Await();
}

}  // namespace interlink::cli
