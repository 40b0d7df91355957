#include "federation/mirrors/mirrors.h"

#include <algorithm>

#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/mirrors/mirror.h"

namespace interlink::federation {
namespace {

constexpr size_t kSweepStep = 10'000;
// Generations that a link's entries may have at a time; they are a byte.
constexpr uint8_t kMostGenerations = 200;
constexpr size_t kMostLinks = 65'535;

}  // namespace

Mirrors::Mirrors(EventLoop& loop, Limits limits)
    : loop_(loop),
      limits_(limits),
      max_stale_(kDefaultMaxStale),
      sweep_from_(MirrorIndex::First()) {}

Mirrors::~Mirrors() = default;

void Mirrors::SetLimits(Limits limits) {
  absl::MutexLock lock(&mutex_);
  limits_ = limits;
}

void Mirrors::SetMaxStale(Duration max_stale) {
  absl::MutexLock lock(&mutex_);
  max_stale_ = max_stale;
}

Mirrors::Link* Mirrors::FindLink(store::InterlinkId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : links_[found->second].get();
}

const Mirrors::Link* Mirrors::FindLink(store::InterlinkId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : links_[found->second].get();
}

void Mirrors::SetLink(store::InterlinkId id,
                      std::shared_ptr<const LinkInfo> info) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) {
    if (info == nullptr) return;
    const auto index = TakeIndex();
    if (!index) return;
    links_[*index] = std::make_unique<Link>();
    link = links_[*index].get();
    link->index = *index;
    by_id_[id] = *index;
  }
  const bool was_paused = link->IsPaused();
  RemoveLease(*link);
  link->info = std::move(info);
  AddLease(*link);
  if (was_paused != link->IsPaused()) SetFreshUntil(*link, link->FreshUntil());
}

void Mirrors::RemoveLink(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  RemoveLease(*link);
  link->info = nullptr;
  link->is_dead = true;
  by_id_.erase(id);
  SweepLater();
}

void Mirrors::SetAskable(store::InterlinkId id, bool is_askable) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr || link->is_askable == is_askable) return;
  RemoveLease(*link);
  link->is_askable = is_askable;
  AddLease(*link);
}

void Mirrors::RemoveLease(const Link& link) {
  leases_.Remove(link.fresh_until, link.index, link.is_askable);
}

void Mirrors::AddLease(const Link& link) {
  if (link.info == nullptr) return;
  leases_.Add(link.fresh_until, link.index, link.is_askable);
}

void Mirrors::SetFreshUntil(Link& link, SteadyTime until) {
  if (link.fresh_until == until) return;
  const SteadyTime now = loop_.Now();
  // In step until now, or until its lease ended.
  if (link.fresh_until != kNoLease) {
    link.last_word = std::min(link.fresh_until, now);
  }
  RemoveLease(link);
  link.fresh_until = until;
  AddLease(link);
}

std::optional<DirectoryPosition> Mirrors::PositionOf(
    store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  if (link == nullptr || !link->is_complete) return std::nullopt;
  return link->position;
}

absl::Status Mirrors::Apply(store::InterlinkId id,
                            const v1::DirectoryPart& part) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return absl::OkStatus();  // It is over.
  absl::Status status = ApplyLocked(*link, part);
  const auto reason = ReasonOf(status);
  if (reason == Reason::kLimitReached) ClearLocked(*link);
  return status;
}

absl::Status Mirrors::ApplyLocked(Link& link, const v1::DirectoryPart& part) {
  if (part.begins_snapshot()) {
    if (static_cast<uint8_t>(link.newest - link.oldest) >= kMostGenerations) {
      ClearLocked(link);
    }
    ++link.newest;
    link.position = {};
    link.omitted.Clear();
    link.is_loading = true;
    link.is_complete = false;
  }
  if (!link.is_loading && !link.is_complete) return absl::OkStatus();
  SetFreshUntil(link, kNoLease);  // Until the last part.
  for (const std::string& digits : part.removed_numbers()) {
    link.Remove(digits, index_);
  }
  for (const v1::DirectoryEntry& entry : part.entries()) {
    const absl::Status status = link.Put(entry, index_, limits_);
    if (!status.ok()) return status;
  }
  if (!part.has_directory()) return absl::OkStatus();
  const auto wanted = FromProto(part.directory());
  link.position.sequence = part.directory().sequence();
  if (wanted != link.position) {
    link.is_complete = link.is_loading = false;
    return absl::DataLossError("the mirror is not what its owner says");
  }
  if (link.is_loading) {
    link.is_loading = false;
    link.oldest = link.newest;
    if (link.stored > link.position.count) SweepLater();
  }
  link.is_complete = true;
  link.known = link.position;
  SetFreshUntil(link, link.lease_end);
  return absl::OkStatus();
}

absl::Status Mirrors::Link::Put(const v1::DirectoryEntry& entry,
                                MirrorIndex& entries, const Limits& limits) {
  const auto number = store::InternalNumber::Parse(entry.number());
  if (!number || entry.name().size() > MirrorIndex::kMaxNameBytes ||
      entry.contact().size() > MirrorIndex::kMaxContactBytes) {
    Remove(entry.number(), entries);
    if (omitted.Add(entry, position)) return absl::OkStatus();
    return Refusal(Reason::kLimitReached,
                   "the other account shares too much that is no number, so it "
                   "is asked at each call instead");
  }
  if (const auto old = entries.Find({*number, index})) {
    Forget(*old);
  } else {
    omitted.Remove(entry.number(), position);
    if (position.count >= limits.per_link) {
      return Refusal(Reason::kLimitReached,
                     "the other account shares more than " +
                         std::to_string(limits.per_link) +
                         " numbers, so it is asked at each call instead");
    }
    if (entries.size() >= limits.in_all) {
      return Refusal(Reason::kLimitReached,
                     "the linked accounts share more than " +
                         std::to_string(limits.in_all) +
                         " numbers in all (--max-mirrored-numbers), so this "
                         "one is asked at each call instead");
    }
    ++stored;
  }
  entries.Put({.number = *number,
               .link = index,
               .generation = newest,
               .name = entry.name(),
               .contact = entry.contact()});
  position.digest += EntryDigest(*number, entry.name(), entry.contact());
  ++position.count;
  return absl::OkStatus();
}

void Mirrors::Link::Remove(const std::string& digits, MirrorIndex& entries) {
  omitted.Remove(digits, position);
  const auto number = store::InternalNumber::Parse(digits);
  if (!number) return;
  const auto old = entries.Find({*number, index});
  if (!old) return;
  Forget(*old);
  entries.Erase({*number, index});
  --stored;
}

absl::Status Mirrors::Omitted(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link == nullptr ? absl::OkStatus() : link->omitted.InWords();
}

void Mirrors::Confirm(store::InterlinkId id,
                      const DirectoryPosition& position) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  link->known = position;
  link->lease_end = loop_.Now() + kLease;
  SetFreshUntil(*link, link->FreshUntil());
}

void Mirrors::TakeBack(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  ClearLocked(*link);
  SetFreshUntil(*link, link->FreshUntil());
}

void Mirrors::ClearLocked(Link& link) {
  SetFreshUntil(link, kNoLease);
  link.position = {};
  link.omitted.Clear();
  link.is_complete = link.is_loading = false;
  if (link.stored == 0) return;
  const auto index = TakeIndex();
  if (!index) return;
  // The link goes on under another index; what it said is swept.
  std::unique_ptr<Link>& place = links_[link.index];
  auto dead = std::make_unique<Link>();
  dead->index = link.index;
  dead->is_dead = true;
  dead->stored = std::exchange(link.stored, 0);
  for (auto& [id, known] : by_id_) {
    if (known == link.index) known = *index;
  }
  RemoveLease(link);
  link.index = *index;
  AddLease(link);
  links_[*index] = std::exchange(place, std::move(dead));
  SweepLater();
}

std::optional<Mirrors::Index> Mirrors::TakeIndex() {
  const auto free = std::find(links_.begin(), links_.end(), nullptr);
  const auto index = static_cast<size_t>(free - links_.begin());
  if (index == kMostLinks) return std::nullopt;
  if (free == links_.end()) links_.emplace_back();
  return static_cast<Index>(index);
}

void Mirrors::SweepLater() {
  is_sweep_wanted_ = true;
  if (sweep_ != nullptr) return;  // Once more after the one under way.
  is_sweep_wanted_ = false;
  sweep_from_ = MirrorIndex::First();
  sweep_ = loop_.After({}, [this] { SweepSome(); });
}

// In steps, so that neither the loop nor a Resolve waits for long.
void Mirrors::SweepSome() {
  absl::MutexLock lock(&mutex_);
  const auto next = index_.Sweep(sweep_from_, kSweepStep,
                                 [this](const MirrorIndex::Entry& entry) {
                                   mutex_.AssertHeld();
                                   Link& link = *links_[entry.link];
                                   if (link.Counts(entry)) return true;
                                   --link.stored;
                                   return false;
                                 });
  sweep_.reset();
  if (next) {
    sweep_from_ = *next;
    sweep_ = loop_.After({}, [this] { SweepSome(); });
    return;
  }
  for (auto& link : links_) {
    if (link != nullptr && link->is_dead && link->stored == 0) link.reset();
  }
  if (is_sweep_wanted_) SweepLater();
}

}  // namespace interlink::federation
