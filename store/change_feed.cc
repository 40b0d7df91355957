#include "store/change_feed.h"

#include <utility>

namespace interlink::store {

class ChangeFeed::Subscription : public Database::Subscription {
 public:
  explicit Subscription(std::shared_ptr<Place> place)
      : place_(std::move(place)) {}

 private:
  std::shared_ptr<Place> place_;
};

template <class Take>
void ChangeFeed::TakeThenTell(Take take) {
  std::erase_if(places_, [](const auto& place) { return place.expired(); });
  telling_ = true;
  std::vector<std::weak_ptr<Place>> taken;
  // A follower that is added meanwhile has read this commit already.
  const size_t count = places_.size();
  for (size_t i = 0; i < count; ++i) {
    // Kept alive during the call, which may end the subscription.
    const auto place = places_[i].lock();
    if (place != nullptr && take(*place)) taken.push_back(place);
  }
  for (const auto& weak : taken) {
    const auto place = weak.lock();
    if (place != nullptr && place->follower.tell) place->follower.tell();
  }
  telling_ = false;
}

void ChangeFeed::Publish(Revision revision, const std::vector<Op>& ops) {
  std::vector<Change> changes;
  changes.reserve(ops.size());
  for (const Op& op : ops) changes.push_back({op.key, op.value, revision});
  Publish(revision, changes);
}

void ChangeFeed::Publish(Revision revision,
                         const std::vector<Change>& changes) {
  TakeThenTell([revision, &changes](Place& place) {
    std::vector<Change> chosen;
    for (const Change& change : changes) {
      if (change.key.starts_with(place.prefix)) chosen.push_back(change);
    }
    if (chosen.empty()) return false;
    place.follower.on_commit(revision, chosen);
    return true;
  });
}

void ChangeFeed::Reset() {
  TakeThenTell([](Place& place) {
    place.follower.on_reset();
    return true;
  });
}

std::unique_ptr<Database::Subscription> ChangeFeed::Follow(std::string prefix,
                                                           Follower follower) {
  auto place =
      std::make_shared<Place>(Place{std::move(prefix), std::move(follower)});
  places_.push_back(place);
  return std::make_unique<Subscription>(std::move(place));
}

}  // namespace interlink::store
