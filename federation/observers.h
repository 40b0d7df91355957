#pragma once

#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace interlink::federation {

// A list of functions to call when something has changed.
//
// An observer may be added or taken away at any time, also from within a call.
// Threading: one thread.
template <class... Arguments>
class Observers {
 public:
  using Observer = std::function<void(const Arguments&...)>;

  // Keeps an observer in the list; it may outlive the list.
  class Subscription {
   public:
    explicit Subscription(std::shared_ptr<Observer> observer)
        : observer_(std::move(observer)) {}
    ~Subscription() { *observer_ = nullptr; }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    std::shared_ptr<Observer> observer_;
  };

  [[nodiscard]] std::unique_ptr<Subscription> Add(Observer observer) {
    auto shared = std::make_shared<Observer>(std::move(observer));
    observers_.push_back(shared);
    return std::make_unique<Subscription>(std::move(shared));
  }

  void Tell(const Arguments&... arguments) {
    ++telling_;
    for (const auto& shared : observers_) {
      if (*shared == nullptr) continue;
      // Copies, because the observer may end its own subscription.
      const Observer observer = *shared;
      observer(arguments...);
    }
    // An observer may cause another change, and so a telling within this one.
    if (--telling_ == 0) {
      observers_.remove_if(
          [](const auto& shared) { return *shared == nullptr; });
    }
  }

 private:
  std::list<std::shared_ptr<Observer>> observers_;
  int telling_ = 0;
};

}  // namespace interlink::federation
