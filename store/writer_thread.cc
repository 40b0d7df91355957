#include "store/writer_thread.h"

#include <utility>

namespace interlink::store {

WriterThread::~WriterThread() {
  {
    const absl::MutexLock lock(&mutex_);
    is_ending_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void WriterThread::Run(Task task) {
  const absl::MutexLock lock(&mutex_);
  tasks_.push_back(std::move(task));
  if (!thread_.joinable()) thread_ = std::thread([this] { RunAll(); });
}

void WriterThread::Finish() {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &WriterThread::IsIdle));
}

void WriterThread::RunAll() {
  const absl::MutexLock lock(&mutex_);
  for (;;) {
    mutex_.Await(absl::Condition(this, &WriterThread::HasWorkOrEnd));
    if (is_ending_) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    is_working_ = true;
    mutex_.Unlock();
    task();
    task = nullptr;
    mutex_.Lock();
    is_working_ = false;
  }
}

}  // namespace interlink::store
