#include "federation/directory_feed.h"

#include <utility>
#include <vector>

namespace interlink::federation {
namespace {

// More changes than these are not worth remembering one by one.
constexpr size_t kMostChanges = 20'000;
// Stored numbers looked at for one part.
constexpr size_t kScan = 1000;
// Tags and lengths of an entry.
constexpr size_t kEntryOverhead = 16;

size_t AddEntry(store::InternalNumber number, std::string name,
                std::string contact, v1::DirectoryPart& part) {
  v1::DirectoryEntry& entry = *part.add_entries();
  entry.set_number(number.ToString());
  entry.set_name(std::move(name));
  entry.set_contact(std::move(contact));
  return entry.number().size() + entry.name().size() + entry.contact().size() +
         kEntryOverhead;
}

}  // namespace

void DirectoryFeed::Subscribe(const v1::Subscribe& request) {
  is_on_ = !request.stop();
  is_snapshot_ = false;
  changed_.clear();
  if (!is_on_) return;
  owes_position_ = true;
  if (!request.has_have() ||
      FromProto(request.have()) != directory_.position()) {
    BeginSnapshot();
  }
}

void DirectoryFeed::BeginSnapshot() {
  is_snapshot_ = true;
  sent_to_.reset();
  changed_.clear();
  owes_position_ = true;
}

void DirectoryFeed::NumberChanged(store::InternalNumber number) {
  if (!is_on_) return;
  if (is_snapshot_ && (!sent_to_ || *sent_to_ < number)) return;
  changed_.insert(number);
  owes_position_ = true;
  if (changed_.size() > kMostChanges) BeginSnapshot();
}

absl::StatusOr<v1::DirectoryPart> DirectoryFeed::NextPart() {
  v1::DirectoryPart part;
  size_t bytes = 0;
  if (is_snapshot_) {
    part.set_begins_snapshot(!sent_to_);
    if (auto s = AddSnapshot(part, bytes); !s.ok()) return s;
  }
  if (!is_snapshot_) AddChanges(part, bytes);
  if (!is_snapshot_ && changed_.empty()) {
    *part.mutable_directory() = ToProto(directory_.position());
    owes_position_ = false;
  }
  return part;
}

absl::Status DirectoryFeed::AddSnapshot(v1::DirectoryPart& part,
                                        size_t& bytes) {
  auto page = numbers_.ListShared(sent_to_, kScan);
  if (!page.ok()) return page.status();
  for (auto& entry : page->entries) {
    bytes += AddEntry(entry.number, std::move(entry.name),
                      std::move(entry.contact), part);
    sent_to_ = entry.number;
    if (bytes >= kPartBytes) return absl::OkStatus();
  }
  if (page->next) {
    sent_to_ = page->next;
  } else {
    is_snapshot_ = false;
  }
  return absl::OkStatus();
}

void DirectoryFeed::AddChanges(v1::DirectoryPart& part, size_t& bytes) {
  while (!changed_.empty() && bytes < kPartBytes) {
    const store::InternalNumber number = *changed_.begin();
    changed_.erase(changed_.begin());
    if (auto shared = directory_.FindShared(number)) {
      bytes += AddEntry(number, std::move(shared->name),
                        std::move(shared->contact), part);
    } else {
      part.add_removed_numbers(number.ToString());
      bytes += kEntryOverhead;
    }
  }
}

}  // namespace interlink::federation
