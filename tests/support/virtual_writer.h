#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "store/writer.h"
#include "tests/support/virtual_time.h"

namespace interlink::testing {

// A writer whose disk takes virtual time: a task runs that long after the one
// before it, at one moment.
//
// Threading: as VirtualTime.
class VirtualWriter final : public store::Writer {
 public:
  // How long a task takes; called for each.
  using Takes = std::function<federation::Duration()>;

  VirtualWriter(VirtualTime& time, Takes takes)
      : time_(time), takes_(std::move(takes)) {}

  // The writer for the database of an account on `loop`. The loop hears of what
  // a task did after `answers_in`.
  static store::Workplace WorkplaceOf(VirtualTime& time, VirtualLoop& loop,
                                      Takes takes, Takes answers_in) {
    return {.post =
                [&loop, answers_in = std::move(answers_in)](store::Task task) {
                  loop.PostAfter(answers_in(), std::move(task));
                },
            .writer = std::make_unique<VirtualWriter>(time, std::move(takes))};
  }
  // The same on a disk that takes no time.
  static store::Workplace WorkplaceOf(VirtualTime& time, VirtualLoop& loop) {
    const auto at_once = [] { return federation::Duration::zero(); };
    return WorkplaceOf(time, loop, at_once, at_once);
  }

  void Run(store::Task task) override {
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) RunFirstLater();
  }

  // As if the disk were done at once, because time stands still.
  void Finish() override {
    while (!tasks_.empty()) RunFirst();
  }

 private:
  void RunFirstLater() {
    time_.RunAt(time_.Now() + takes_(),
                [this, alive = std::weak_ptr(alive_), number = done_] {
                  // Finish() may have run it.
                  if (!alive.expired() && number == done_) RunFirst();
                });
  }
  void RunFirst() {
    ++done_;
    store::Task task = std::move(tasks_.front());
    task();
    tasks_.pop_front();
    if (!tasks_.empty()) RunFirstLater();
  }

  VirtualTime& time_;
  const Takes takes_;
  std::deque<store::Task> tasks_;  // The first may be running.
  int done_ = 0;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::testing
