#include "daemon/cli/show/terminal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace interlink::cli {
namespace {

constexpr size_t kMaxBytes = 1 << 16;
constexpr int kPasteGapMs = 150;

// A terminal that shows nothing and hands over each key as it is pressed.
class Hidden {
 public:
  explicit Hidden(int terminal) : terminal_(terminal) {
    is_hidden_ = tcgetattr(terminal_, &former_) == 0;
    if (!is_hidden_) return;
    termios quiet = former_;
    // Ctrl-C too: as a signal it would leave the terminal silent.
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    is_hidden_ = tcsetattr(terminal_, TCSADRAIN, &quiet) == 0;
  }
  // Drops unread input: it may be the rest of a secret.
  ~Hidden() {
    if (is_hidden_) tcsetattr(terminal_, TCSAFLUSH, &former_);
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;

  bool is_hidden() const { return is_hidden_; }

 private:
  const int terminal_;
  termios former_{};
  bool is_hidden_ = false;
};

// Whether more was pasted than has been read.
bool HasMore(int terminal) {
  pollfd input{terminal, POLLIN, 0};
  return poll(&input, 1, kPasteGapMs) > 0;
}

// Applies one byte to `text`; false if it ends the input.
bool Take(char byte, std::string& text) {
  constexpr char kEndOfText = 4;
  constexpr char kBackspace = 8;
  constexpr char kEraseLine = 21;
  constexpr char kDelete = 127;
  if (byte == kEndOfText) return false;
  if (byte == kBackspace || byte == kDelete) {
    if (!text.empty()) text.pop_back();
  } else if (byte == kEraseLine) {
    text.clear();
  } else {
    text += byte == '\r' ? '\n' : byte;
  }
  return true;
}

// A pipe whose reader has gone is in error, a socket is hung up.
bool IsClosed(const pollfd& output) {
  return (output.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

std::optional<std::string> ReadSecret(int terminal) {
  constexpr char kInterrupt = 3;
  const Hidden hidden(terminal);
  if (!hidden.is_hidden()) return std::nullopt;
  std::string text;
  while (text.size() < kMaxBytes) {
    std::array<char, 256> bytes{};
    const ssize_t size = read(terminal, bytes.data(), bytes.size());
    if (size <= 0) return std::nullopt;
    for (const char byte :
         std::string_view(bytes.data(), static_cast<size_t>(size))) {
      if (byte == kInterrupt) return std::nullopt;
      if (Take(byte, text)) continue;
      return text.empty() ? std::nullopt : std::optional(text);
    }
    if (text.ends_with('\n') && !HasMore(terminal)) return text;
  }
  return text;
}

bool IsPipeClosed(int descriptor) {
  pollfd output{descriptor, 0, 0};
  return poll(&output, 1, 0) > 0 && IsClosed(output);
}

PipeWatch::PipeWatch(int descriptor, std::function<void()> closed)
    : end_(eventfd(0, EFD_CLOEXEC)) {
  if (end_ < 0) return;  // Then the next line that is written finds out.
  waiter_ = std::thread([descriptor, closed = std::move(closed), end = end_] {
    std::array<pollfd, 2> waited = {pollfd{descriptor, 0, 0},
                                    pollfd{end, POLLIN, 0}};
    while (poll(waited.data(), waited.size(), -1) < 0 && errno == EINTR) {
    }
    if (IsClosed(waited[0]) && waited[1].revents == 0) closed();
  });
}

PipeWatch::~PipeWatch() {
  if (!waiter_.joinable()) return;
  eventfd_write(end_, 1);
  waiter_.join();
  close(end_);
}

}  // namespace interlink::cli
