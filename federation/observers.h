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
    for (auto i = observers_.begin(); i != observers_.end();) {
      if (**i == nullptr) {
        i = observers_.erase(i);
        continue;
      }
      // Copies, because the observer may end its own subscription.
      const Observer observer = **i;
      observer(arguments...);
      ++i;
    }
  }

 private:
  std::list<std::shared_ptr<Observer>> observers_;
};

}  // namespace interlink::federation
