#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace interlink::cli {

// Reads text that is typed or pasted at `terminal`, a descriptor, without
// showing it. Enter ends it, unless more follows at once: a key that mail has
// wrapped is pasted as several lines. nullopt if the user gives up (Ctrl-C, or
// Ctrl-D before any text), or if it is no terminal.
std::optional<std::string> ReadSecret(int terminal);

// Whether `descriptor` is a pipe or socket that nobody reads any more; -1 is
// none.
bool IsPipeClosed(int descriptor);

// Calls `closed` once if `descriptor` is or becomes such a pipe while this
// lives.
//
// Threading: `closed` is called on another thread, and has returned when this
// object is gone. Lifetime: `descriptor` must stay open as long.
class PipeWatch {
 public:
  PipeWatch(int descriptor, std::function<void()> closed);
  ~PipeWatch();
  PipeWatch(const PipeWatch&) = delete;
  PipeWatch& operator=(const PipeWatch&) = delete;

 private:
  const int end_;  // An eventfd, readable at the end.
  std::thread waiter_;
};

}  // namespace interlink::cli
