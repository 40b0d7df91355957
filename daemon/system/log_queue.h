#pragma once

#include <spdlog/formatter.h>
#include <spdlog/sinks/sink.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace interlink::daemon {

// Log lines on their way to standard error, written by a thread of their own:
// code that logs never waits, even if the reader of a pipe has stopped reading.
//
// Lines that find the queue full, or cannot be written, are dropped. A line in
// their place says how many are missing, once lines can be written again.
//
// Threading: any thread.
// Lifetime: never destroyed, because its thread may hang in a write.
class LogQueue final : public spdlog::sinks::sink {
 public:
  LogQueue();

  void log(const spdlog::details::log_msg& message) override;
  // Waits until all lines are written, at most half a second.
  void flush() override;
  void set_pattern(const std::string& pattern) override;
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override;

  // Since the start.
  uint64_t dropped() const { return dropped_; }

 private:
  struct Line {
    std::string text;
    uint64_t reported;  // Dropped lines; 0 unless this line reports some.
  };

  void Run();
  // False if only a part could be written, or nothing.
  bool Write(const std::string& text);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !lines_.empty() || !flushes_.empty() ||
           (unreported_ > 0 && is_writable_);
  }
  void Add(const spdlog::details::log_msg& message, uint64_t reported = 0)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReportDropped() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drop(const Line& line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::atomic<uint64_t> dropped_{0};
  absl::Mutex mutex_;
  std::unique_ptr<spdlog::formatter> formatter_ ABSL_GUARDED_BY(mutex_);
  std::deque<Line> lines_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // Of lines_ and what is written.
  // Lines dropped since the latest report of dropped lines.
  uint64_t unreported_ ABSL_GUARDED_BY(mutex_) = 0;
  // The latest write succeeded.
  bool is_writable_ ABSL_GUARDED_BY(mutex_) = true;
  std::vector<std::promise<void>> flushes_ ABSL_GUARDED_BY(mutex_);
  // The thread's own: only the beginning of a line was written.
  bool is_line_broken_ = false;
};

}  // namespace interlink::daemon
