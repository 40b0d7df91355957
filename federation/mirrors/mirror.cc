#include "federation/mirrors/mirror.h"

#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr uint8_t kMostGenerations = 200;

}  // namespace

bool Mirror::CanBeginSnapshot() const {
  return static_cast<uint8_t>(newest_ - oldest_) < kMostGenerations;
}

void Mirror::BeginSnapshot() {
  ++newest_;
  position_ = {};
  omitted_.Clear();
  is_loading_ = true;
  is_complete_ = false;
}

absl::Status Mirror::Take(const v1::DirectoryPart& part, MirrorIndex& entries,
                          const Limits& limits) {
  for (const std::string& digits : part.removed_numbers()) {
    Remove(digits, entries);
  }
  for (const v1::DirectoryEntry& entry : part.entries()) {
    if (auto s = Put(entry, entries, limits); !s.ok()) return s;
  }
  if (!part.has_directory()) return absl::OkStatus();
  position_.sequence = part.directory().sequence();
  is_complete_ = FromProto(part.directory()) == position_;
  if (is_loading_ && is_complete_) oldest_ = newest_;
  is_loading_ = false;
  return is_complete_
             ? absl::OkStatus()
             : absl::DataLossError("the mirror is not what its owner says");
}

void Mirror::Reset() {
  position_ = {};
  omitted_.Clear();
  is_complete_ = is_loading_ = false;
  if (stored_ == 0) oldest_ = newest_;
}

absl::Status Mirror::Put(const v1::DirectoryEntry& entry, MirrorIndex& entries,
                         const Limits& limits) {
  const auto number = store::InternalNumber::Parse(entry.number());
  if (!number || entry.name().size() > MirrorIndex::kMaxNameBytes ||
      entry.contact().size() > MirrorIndex::kMaxContactBytes) {
    Remove(entry.number(), entries);
    if (omitted_.Add(entry, position_)) return absl::OkStatus();
    return Refusal(Reason::kLimitReached,
                   "the other account shares too much that is no number, so it "
                   "is asked at each call instead");
  }
  const auto old = entries.Find({*number, index_});
  if (old) {
    Subtract(*old);
  } else {
    omitted_.Remove(entry.number(), position_);
  }
  // A snapshot may stand beside the one that it replaces, and no third.
  const bool is_third = !old && stored_ >= 2 * limits.per_link;
  if (position_.count >= limits.per_link || is_third) {
    return Refusal(Reason::kLimitReached,
                   "the other account shares more than " +
                       std::to_string(limits.per_link) +
                       " numbers, so it is asked at each call instead");
  }
  if (!old) {
    if (entries.size() >= limits.in_all) {
      return Refusal(Reason::kLimitReached,
                     "the linked accounts share more than " +
                         std::to_string(limits.in_all) +
                         " numbers in all (--max-mirrored-numbers), so this "
                         "one is asked at each call instead");
    }
    ++stored_;
  }
  entries.Put({.number = *number,
               .link = index_,
               .generation = newest_,
               .name = entry.name(),
               .contact = entry.contact()});
  position_.digest += EntryDigest(*number, entry.name(), entry.contact());
  ++position_.count;
  return absl::OkStatus();
}

void Mirror::Remove(const std::string& digits, MirrorIndex& entries) {
  omitted_.Remove(digits, position_);
  const auto number = store::InternalNumber::Parse(digits);
  if (!number) return;
  const auto old = entries.Find({*number, index_});
  if (!old) return;
  Subtract(*old);
  entries.Erase({*number, index_});
  --stored_;
}

void Mirror::Subtract(const MirrorIndex::Entry& entry) {
  if (entry.generation != newest_) return;  // It was never added.
  position_.digest -= EntryDigest(entry.number, entry.name, entry.contact);
  --position_.count;
}

}  // namespace interlink::federation
