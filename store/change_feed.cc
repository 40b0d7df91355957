#include "store/change_feed.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"

namespace interlink::store {
namespace {

size_t SizeOf(const Change& change) {
  return change.key.size() + (change.value ? change.value->size() : 0);
}

}  // namespace

class ChangeFeed::Subscription : public Database::Subscription {
 public:
  explicit Subscription(std::shared_ptr<Watcher> watcher)
      : watcher_(std::move(watcher)) {}

 private:
  std::shared_ptr<Watcher> watcher_;
};

void ChangeFeed::Watcher::Tell(const Change& change) {
  if (change.revision > from && change.key.starts_with(prefix)) call(change);
}

void ChangeFeed::Publish(Revision revision, const std::vector<Op>& ops) {
  std::erase_if(watchers_,
                [](const auto& watcher) { return watcher.expired(); });
  latest_ = revision;
  ++telling_;
  for (const Op& op : ops) Remember({op.key, op.value, revision});
  for (const Op& op : ops) {
    const Change change{op.key, op.value, revision};
    // By index, because a watcher may start another one.
    for (size_t i = 0; i < watchers_.size(); ++i) {
      // Shared for the length of the call, in which it may be ended.
      if (const auto watcher = watchers_[i].lock()) watcher->Tell(change);
    }
  }
  --telling_;
}

absl::StatusOr<std::unique_ptr<Database::Subscription>> ChangeFeed::Watch(
    std::string prefix, Revision from, Database::Watcher watcher) {
  if (from < forgotten_) {
    return absl::OutOfRangeError(
        "changes after revision " + std::to_string(from) +
        " are no longer remembered, only those after " +
        std::to_string(forgotten_) + ": scan, and watch from there");
  }
  auto shared = std::make_shared<Watcher>(
      Watcher{std::move(prefix), from, std::move(watcher)});
  ++telling_;
  for (const Change& change : changes_) shared->Tell(change);
  --telling_;
  // What it has just been told of a commit in progress is not told again.
  shared->from = std::max(from, latest_);
  if (!telling()) {
    std::erase_if(watchers_, [](const auto& other) { return other.expired(); });
  }
  watchers_.push_back(shared);
  return std::make_unique<Subscription>(std::move(shared));
}

void ChangeFeed::Remember(Change change) {
  bytes_ += SizeOf(change);
  changes_.push_back(std::move(change));
  while (changes_.size() > kMaxChanges || bytes_ > kMaxBytes) ForgetOldest();
}

void ChangeFeed::ForgetOldest() {
  bytes_ -= SizeOf(changes_.front());
  forgotten_ = changes_.front().revision;
  changes_.pop_front();
}

}  // namespace interlink::store
