#include "federation/base/announcement.h"

#include <utility>

namespace interlink::federation {

void Announcement::Changed() {
  is_due_ = true;
  if (timer_ != nullptr) return;
  timer_ = loop_.After(Duration::zero(), [this] { Step(); });
}

void Announcement::Step() {
  timer_.reset();
  if (!next_) {
    if (!std::exchange(is_due_, false)) return;
    next_.emplace();
  }
  next_ = tell_some_(*next_);
  timer_ =
      loop_.After(next_ ? Duration::zero() : interval_, [this] { Step(); });
}

}  // namespace interlink::federation
