#pragma once

#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace interlink::federation {

// A list of functions to call when something has changed.
//
// An observer may be added or removed at any time, even while it is called.
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
    for (const auto& shared : observers_) Call(*shared, arguments...);
    EndTelling();
  }

  // Tells of several changes that were made at once: each observer hears of all
  // of them before the next observer hears of any.
  template <class Changes>
  void TellEach(const Changes& changes) {
    ++telling_;
    for (const auto& shared : observers_) {
      for (const auto& change : changes) Call(*shared, change);
    }
    EndTelling();
  }

 private:
  static void Call(const Observer& shared, const Arguments&... arguments) {
    if (shared == nullptr) return;
    // A copy, because the observer may end its own subscription.
    const Observer observer = shared;
    observer(arguments...);
  }

  void EndTelling() {
    // An observer may cause another change, and so a telling within this one.
    if (--telling_ > 0) return;
    observers_.remove_if([](const auto& shared) { return *shared == nullptr; });
  }

  std::list<std::shared_ptr<Observer>> observers_;
  int telling_ = 0;
};

}  // namespace interlink::federation
