#include "federation/directory.h"

namespace interlink::federation {

void Directory::Put(store::InternalNumber number,
                    const store::v1::NumberRecord& record) {
  const bool is_shared = !record.private_() && !record.destination().empty();
  absl::MutexLock lock(&mutex_);
  own_.insert_or_assign(number, record.destination());
  if (is_shared) {
    shared_.insert_or_assign(number, Shared{record.name(), record.contact()});
  } else {
    shared_.erase(number);
  }
}

void Directory::Remove(store::InternalNumber number) {
  absl::MutexLock lock(&mutex_);
  own_.erase(number);
  shared_.erase(number);
}

std::optional<Directory::Shared> Directory::FindShared(
    store::InternalNumber number) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = shared_.find(number);
  if (found == shared_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Directory::FindOwn(
    store::InternalNumber number) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = own_.find(number);
  if (found == own_.end()) return std::nullopt;
  return found->second;
}

size_t Directory::size() const {
  absl::ReaderMutexLock lock(&mutex_);
  return own_.size();
}

}  // namespace interlink::federation
