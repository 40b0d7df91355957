#include "daemon/system/deadline.h"

#include <utility>

namespace interlink::daemon {

Deadline::Deadline(federation::EventLoop& loop,
                   federation::EventLoop::Task missed)
    : loop_(loop), missed_(std::move(missed)) {}

void Deadline::In(federation::Duration time) {
  at_ = loop_.Now() + time;
  if (timer_ == nullptr || *at_ < rings_at_) Watch();
}

void Deadline::Watch() {
  rings_at_ = *at_;
  timer_ = loop_.After(rings_at_ - loop_.Now(), [this] {
    timer_.reset();
    if (!at_) return;
    if (loop_.Now() < *at_) return Watch();
    at_.reset();
    missed_();
  });
}

}  // namespace interlink::daemon
