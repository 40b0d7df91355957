#include "federation/directory/directory.h"

namespace interlink::federation {

std::optional<Directory::Shared> Directory::ViewOf(
    const store::v1::NumberRecord& record) {
  if (record.private_() || record.destination().empty()) return std::nullopt;
  return Shared{record.name(), record.contact()};
}

bool Directory::Put(store::InternalNumber number,
                    const store::v1::NumberRecord& record) {
  auto view = ViewOf(record);
  absl::MutexLock lock(&mutex_);
  own_.insert_or_assign(number, record.destination());
  if (!view) return shared_.erase(number) > 0;
  const auto [place, is_new] = shared_.try_emplace(number);
  if (!is_new && place->second == *view) return false;
  place->second = *std::move(view);
  return true;
}

bool Directory::Remove(store::InternalNumber number) {
  absl::MutexLock lock(&mutex_);
  own_.erase(number);
  return shared_.erase(number) > 0;
}

void Directory::SetPosition(const DirectoryPosition& position) {
  absl::MutexLock lock(&mutex_);
  position_ = position;
}

DirectoryPosition Directory::position() const {
  absl::ReaderMutexLock lock(&mutex_);
  return position_;
}

std::optional<Directory::Shared> Directory::FindShared(
    store::InternalNumber number) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = shared_.find(number);
  if (found == shared_.end()) return std::nullopt;
  return found->second;
}

std::optional<Directory::Called> Directory::FindCalled(
    store::InternalNumber number) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto shared = shared_.find(number);
  if (shared == shared_.end()) return std::nullopt;
  return Called{shared->second.name, own_.at(number)};
}

std::optional<std::string> Directory::FindOwn(
    store::InternalNumber number) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = own_.find(number);
  if (found == own_.end()) return std::nullopt;
  return found->second;
}

std::vector<store::InternalNumber> Directory::Numbers() const {
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<store::InternalNumber> numbers;
  numbers.reserve(own_.size());
  for (const auto& [number, destination] : own_) numbers.push_back(number);
  return numbers;
}

size_t Directory::size() const {
  absl::ReaderMutexLock lock(&mutex_);
  return own_.size();
}

}  // namespace interlink::federation
