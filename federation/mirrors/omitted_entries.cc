#include "federation/mirrors/omitted_entries.h"

#include "federation/base/names.h"
#include "federation/base/reason.h"

namespace interlink::federation {

bool OmittedEntries::Add(const v1::DirectoryEntry& entry,
                         DirectoryPosition& position) {
  Remove(entry.number(), position);
  if (digests_.size() >= kMost) return false;
  if (digests_.empty()) example_ = ShownName(entry.number());
  const auto digest =
      EntryDigest(entry.number(), entry.name(), entry.contact());
  digests_[EntryDigest(entry.number(), "", "")] = digest;
  position.digest += digest;
  ++position.count;
  return true;
}

void OmittedEntries::Remove(const std::string& digits,
                            DirectoryPosition& position) {
  if (digests_.empty()) return;
  const auto found = digests_.find(EntryDigest(digits, "", ""));
  if (found == digests_.end()) return;
  position.digest -= found->second;
  --position.count;
  digests_.erase(found);
}

absl::Status OmittedEntries::InWords() const {
  if (digests_.empty()) return absl::OkStatus();
  return Refusal(Reason::kNumberInvalid,
                 "of what the other account shares, " +
                     std::to_string(digests_.size()) +
                     " cannot be numbers, such as \"" + example_ +
                     "\"; they are left out, all else is there");
}

}  // namespace interlink::federation
