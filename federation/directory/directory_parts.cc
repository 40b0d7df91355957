#include "federation/directory/directory_parts.h"

#include "absl/container/flat_hash_set.h"

namespace interlink::federation {
namespace {

// How many parts are kept for other sessions, and for how long.
constexpr size_t kMostMade = 64;
constexpr std::chrono::seconds kKept{1};
// Tags and lengths of an entry.
constexpr size_t kEntryOverhead = 16;

// Returns the bytes of the part that the entry takes, roughly.
size_t AddEntry(store::InternalNumber number, const Directory::Shared& shared,
                v1::DirectoryPart& part) {
  v1::DirectoryEntry& entry = *part.add_entries();
  entry.set_number(number.ToString());
  entry.set_name(shared.name);
  entry.set_contact(shared.contact);
  return entry.number().size() + entry.name().size() + entry.contact().size() +
         kEntryOverhead;
}

// On the wire a message in a field and its bytes are the same, so the bytes
// stand in for the field and are not made anew for each stream.
std::shared_ptr<const v1::SessionMessage> Encode(
    const v1::DirectoryPart& part) {
  auto message = std::make_shared<v1::SessionMessage>();
  message->GetReflection()
      ->MutableUnknownFields(message.get())
      ->AddLengthDelimited(v1::SessionMessage::kDirectoryPartFieldNumber,
                           part.SerializeAsString());
  return message;
}

}  // namespace

DirectoryParts::DirectoryParts(const Directory& directory,
                               Observers<store::InternalNumber>& shared_changes,
                               EventLoop& loop)
    : directory_(directory),
      loop_(loop),
      subscription_(shared_changes.Add(
          [this](store::InternalNumber number) { Changed(number); })) {}

void DirectoryParts::Changed(store::InternalNumber number) {
  // A part that was made may show a number that has become private.
  made_.clear();
  changes_.push_back(number);
  if (changes_.size() <= kMostChanges) return;
  changes_.pop_front();
  ++first_;
}

std::shared_ptr<const v1::SessionMessage> DirectoryParts::Next(Place& place) {
  if (place.change < first_) place = Beginning();
  const bool is_snapshot = place.is_snapshot;
  const uint64_t change = place.change;
  if (made_.size() >= kMostMade) made_.clear();
  Made& made = made_[{is_snapshot, place.sent_to,
                      is_snapshot ? change == end() : change}];
  if (made.message == nullptr) {
    made = is_snapshot ? MakeSnapshot(place) : MakeChanges(place);
    forget_ = loop_.After(kKept, [this] { made_.clear(); });
  }
  place = made.next;
  // The same snapshot may have begun at different changes.
  if (is_snapshot) place.change = change;
  return made.message;
}

DirectoryParts::Made DirectoryParts::MakeSnapshot(const Place& place) const {
  v1::DirectoryPart part;
  part.set_begins_snapshot(!place.sent_to);
  Place next{.change = place.change};
  size_t bytes = 0;
  directory_.VisitShared(place.sent_to, [&](store::InternalNumber number,
                                            const Directory::Shared& shared) {
    next.is_snapshot = bytes >= kPartBytes;
    if (next.is_snapshot) return false;
    bytes += AddEntry(number, shared, part);
    next.sent_to = number;
    return true;
  });
  if (!next.is_snapshot) next.sent_to.reset();
  AddPosition(part, next);
  return {Encode(part), next};
}

DirectoryParts::Made DirectoryParts::MakeChanges(const Place& place) const {
  v1::DirectoryPart part;
  Place next{.change = place.change};
  size_t bytes = 0;
  absl::flat_hash_set<store::InternalNumber> added;
  for (; next.change != end() && bytes < kPartBytes; ++next.change) {
    const store::InternalNumber number = changes_[next.change - first_];
    if (!added.insert(number).second) continue;
    if (const auto shared = directory_.FindShared(number)) {
      bytes += AddEntry(number, *shared, part);
    } else {
      part.add_removed_numbers(number.ToString());
      bytes += kEntryOverhead;
    }
  }
  AddPosition(part, next);
  return {Encode(part), next};
}

void DirectoryParts::AddPosition(v1::DirectoryPart& part, Place& next) const {
  if (next.is_snapshot || next.change != end()) return;
  *part.mutable_directory() = ToProto(directory_.position());
  next.owes_position = false;
}

}  // namespace interlink::federation
