#include "federation/routing/dial_prefixes.h"

#include <algorithm>
#include <string_view>

#include "federation/base/settings.h"

namespace interlink::federation {

void DialPrefixes::Set(store::InterlinkId id, const Row* row) {
  const bool is_linked =
      row != nullptr && row->Is(store::v1::ROW_STATE_ESTABLISHED);
  const std::string prefix = is_linked ? row->record.dial_prefix() : "";
  absl::MutexLock lock(&mutex_);
  // A prefix that the link has lost may be another's already.
  std::erase_if(links_, [&](const auto& entry) { return entry.second == id; });
  if (!prefix.empty()) links_.insert_or_assign(prefix, id);
}

DialPrefixes::Target DialPrefixes::TargetOf(
    store::InternalNumber dialled) const {
  absl::ReaderMutexLock lock(&mutex_);
  if (links_.empty()) return {dialled, std::nullopt, ""};
  const std::string text = dialled.ToString();
  const std::string_view digits = text;
  for (size_t size = std::min(kMaxDialPrefix, digits.size() - 1); size > 0;
       --size) {
    const auto found = links_.find(digits.substr(0, size));
    if (found == links_.end()) continue;
    return {*store::InternalNumber::Parse(digits.substr(size)), found->second,
            found->first};
  }
  return {dialled, std::nullopt, ""};
}

}  // namespace interlink::federation
