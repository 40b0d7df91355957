#include "daemon/system/log_queue.h"

#include <poll.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace interlink::daemon {
namespace {

// Ten thousand lines of a hundred letters.
constexpr size_t kMaxBytes = size_t{1} << 20;
// For the queue to be written when the process ends.
constexpr std::chrono::milliseconds kFlushPatience{500};

// Returns how much of `text` standard error took.
size_t WriteAll(std::string_view text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count =
        write(STDERR_FILENO, text.data() + written, text.size() - written);
    if (count > 0) {
      written += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      // Another program that shares the pipe has made it non-blocking.
      pollfd writable{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      break;
    }
  }
  return written;
}

}  // namespace

LogQueue::LogQueue()
    : formatter_(std::make_unique<spdlog::pattern_formatter>()) {
  std::thread([this] { Run(); }).detach();
}

void LogQueue::log(const spdlog::details::log_msg& message) {
  absl::MutexLock lock(&mutex_);
  // After a gap the queue is first emptied by half, so that a slow reader gets
  // many lines between two gaps.
  if (bytes_ >= (unreported_ > 0 ? kMaxBytes / 2 : kMaxBytes)) {
    ++dropped_;
    ++unreported_;
    return;
  }
  ReportDropped();
  Add(message);
}

void LogQueue::flush() {
  std::future<void> flushed;
  {
    absl::MutexLock lock(&mutex_);
    flushed = flushes_.emplace_back().get_future();
  }
  flushed.wait_for(kFlushPatience);
}

void LogQueue::set_pattern(const std::string& pattern) {
  set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern));
}

void LogQueue::set_formatter(std::unique_ptr<spdlog::formatter> formatter) {
  absl::MutexLock lock(&mutex_);
  formatter_ = std::move(formatter);
}

void LogQueue::Add(const spdlog::details::log_msg& message, uint64_t reported) {
  spdlog::memory_buf_t text;
  formatter_->format(message, text);
  bytes_ += text.size();
  lines_.push_back({std::string(text.data(), text.size()), reported});
}

void LogQueue::ReportDropped() {
  const uint64_t dropped = std::exchange(unreported_, 0);
  if (dropped == 0) return;
  const std::string text =
      "log lines missing here, because standard error did not take them: " +
      std::to_string(dropped);
  Add(spdlog::details::log_msg("interlinkd", spdlog::level::warn, text),
      dropped);
}

void LogQueue::Drop(const Line& line) {
  unreported_ += line.reported > 0 ? line.reported : 1;
  if (line.reported == 0) ++dropped_;
}

void LogQueue::Run() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    mutex_.Await(absl::Condition(this, &LogQueue::HasWork));
    if (lines_.empty() && is_writable_) ReportDropped();
    if (lines_.empty()) {
      for (std::promise<void>& flush : flushes_) flush.set_value();
      flushes_.clear();
      continue;
    }
    const Line line = std::move(lines_.front());
    lines_.pop_front();
    mutex_.Unlock();
    const bool is_written = Write(line.text);
    mutex_.Lock();
    bytes_ -= line.text.size();
    is_writable_ = is_written;
    if (!is_written) Drop(line);
  }
}

bool LogQueue::Write(const std::string& text) {
  // A full disk may have cut the line before.
  if (is_line_broken_ && WriteAll("\n") == 1) is_line_broken_ = false;
  if (is_line_broken_) return false;
  const size_t written = WriteAll(text);
  is_line_broken_ = written > 0 && written < text.size();
  return written == text.size();
}

}  // namespace interlink::daemon
