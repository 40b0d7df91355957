#include "federation/mirrors.h"

#include <algorithm>

#include "federation/reason.h"
#include "federation/settings.h"

namespace interlink::federation {
namespace {

constexpr size_t kSweepStep = 10'000;
constexpr size_t kListStep = 20'000;
// Generations that a link's entries may have at a time; they are a byte.
constexpr uint8_t kMostGenerations = 200;
constexpr size_t kMostLinks = 65'535;
// In the order of leases: out of step.
constexpr SteadyTime kNever{};

MirrorIndex::Key First() { return {*store::InternalNumber::Parse("0"), 0}; }

absl::Status BadEntry(const std::string& number) {
  return Refusal(Reason::kRequestInvalid,
                 "the other account shares what cannot be a number: \"" +
                     ShownName(number) + "\"");
}

}  // namespace

std::shared_ptr<const LinkInfo> LinkInfo::Of(const Row& row) {
  if (row.record.paused() || row.health == api::INTERLINK_HEALTH_PAUSED ||
      row.health == api::INTERLINK_HEALTH_ORPHANED) {
    return nullptr;
  }
  const store::v1::Peer& peer = row.record.peer();
  auto contact = ContactTemplate::Parse(peer.announced_contact().empty()
                                            ? peer.contact()
                                            : peer.announced_contact());
  auto info = std::make_shared<LinkInfo>();
  info->id = row.id;
  info->id_text = row.id.ToHex();
  info->name = row.record.name();
  info->priority = row.record.priority();
  info->establish_time = store::FromTimestamp(row.record.establish_time());
  if (contact.ok()) info->contact = *std::move(contact);
  return info;
}

struct Mirrors::Link {
  Index index = 0;
  bool is_dead = false;  // Its entries are to be swept.
  bool is_askable = false;
  std::shared_ptr<const LinkInfo> info;
  // Entries of the generations from `oldest` to `newest` count; those before
  // are to be swept.
  uint8_t oldest = 0;
  uint8_t newest = 0;
  size_t stored = 0;  // Entries, counting or not.
  // What the entries of `newest` add up to; the sequence is the peer's word.
  DirectoryPosition position;
  bool is_complete = false;
  bool is_loading = false;
  // Where the peer was last known to be, and what that was worth.
  DirectoryPosition known;
  SteadyTime lease_end;
  SteadyTime fresh_until = kNever;  // As in `leases_`.
  SteadyTime last_word;             // When it was last in step.

  bool Counts(const MirrorIndex::Entry& entry) const {
    return !is_dead && static_cast<uint8_t>(entry.generation - oldest) <=
                           static_cast<uint8_t>(newest - oldest);
  }
};

Mirrors::Mirrors(EventLoop& loop, Limits limits)
    : loop_(loop),
      limits_(limits),
      max_stale_(kDefaultMaxStale),
      sweep_from_(First()) {}

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
  const bool had_say = link->info != nullptr;
  link->info = std::move(info);
  if (had_say == (link->info != nullptr)) return;
  if (had_say) {
    leases_.erase({link->fresh_until, link->index});
  } else {
    leases_.emplace(link->fresh_until, link->index);
  }
}

void Mirrors::RemoveLink(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  leases_.erase({link->fresh_until, link->index});
  link->info = nullptr;
  link->is_dead = true;
  by_id_.erase(id);
  SweepLater();
}

void Mirrors::SetAskable(store::InterlinkId id, bool is_askable) {
  absl::MutexLock lock(&mutex_);
  if (Link* link = FindLink(id)) link->is_askable = is_askable;
}

void Mirrors::SetFreshUntil(Link& link, SteadyTime until) {
  if (link.fresh_until == until) return;
  const SteadyTime now = loop_.Now();
  // In step until now, or until its lease ended.
  if (link.fresh_until != kNever) {
    link.last_word = std::min(link.fresh_until, now);
  }
  if (link.info != nullptr) {
    leases_.erase({link.fresh_until, link.index});
    leases_.emplace(until, link.index);
  }
  link.fresh_until = until;
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
    link.is_loading = true;
    link.is_complete = false;
  }
  if (!link.is_loading && !link.is_complete) return absl::OkStatus();
  SetFreshUntil(link, kNever);  // Until the last part.
  const auto forget = [&link](const MirrorIndex::Entry& old) {
    if (old.generation != link.newest) return;
    link.position.digest -= EntryDigest(old.number, old.name, old.contact);
    --link.position.count;
  };
  for (const std::string& digits : part.removed_numbers()) {
    const auto number = store::InternalNumber::Parse(digits);
    if (!number) return BadEntry(digits);
    const MirrorIndex::Key key{*number, link.index};
    const auto old = index_.Find(key);
    if (!old) continue;
    forget(*old);
    index_.Erase(key);
    --link.stored;
  }
  for (const v1::DirectoryEntry& entry : part.entries()) {
    const auto number = store::InternalNumber::Parse(entry.number());
    if (!number || entry.name().size() > MirrorIndex::kMaxNameBytes ||
        entry.contact().size() > MirrorIndex::kMaxContactBytes) {
      return BadEntry(entry.number());
    }
    const auto old = index_.Find({*number, link.index});
    if (old) {
      forget(*old);
    } else {
      if (link.position.count >= limits_.per_link) {
        return Refusal(Reason::kLimitReached,
                       "the other account shares more than " +
                           std::to_string(limits_.per_link) +
                           " numbers, so it is asked at each call instead");
      }
      if (index_.size() >= limits_.in_all) {
        return Refusal(Reason::kLimitReached,
                       "the linked accounts share more than " +
                           std::to_string(limits_.in_all) +
                           " numbers in all (--max-mirrored-numbers), so this "
                           "one is asked at each call instead");
      }
      ++link.stored;
    }
    index_.Put({.number = *number,
                .link = link.index,
                .generation = link.newest,
                .name = entry.name(),
                .contact = entry.contact()});
    link.position.digest += EntryDigest(*number, entry.name(), entry.contact());
    ++link.position.count;
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

void Mirrors::Confirm(store::InterlinkId id,
                      const DirectoryPosition& position) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  link->known = position;
  link->lease_end = loop_.Now() + kLease;
  const bool is_in_step = link->is_complete && link->position == position;
  SetFreshUntil(*link, is_in_step ? link->lease_end : kNever);
}

void Mirrors::Clear(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  if (Link* link = FindLink(id)) ClearLocked(*link);
}

void Mirrors::ClearLocked(Link& link) {
  SetFreshUntil(link, kNever);
  link.position = {};
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
  if (link.info != nullptr) {
    leases_.erase({link.fresh_until, link.index});
    leases_.emplace(link.fresh_until, *index);
  }
  link.index = *index;
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
  sweep_from_ = First();
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

bool Mirrors::IsInStep(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link != nullptr && loop_.Now() < link->fresh_until;
}

Mirrors::Hit Mirrors::HitOf(const Link& link,
                            const MirrorIndex::Entry& entry) const {
  return {.link = link.info,
          .name = std::string(entry.name),
          .contact = std::string(entry.contact),
          .fresh_until = link.fresh_until};
}

Mirrors::Finding Mirrors::Find(store::InternalNumber number) const {
  Finding finding;
  const SteadyTime now = loop_.Now();
  absl::ReaderMutexLock lock(&mutex_);
  index_.Visit({number, 0}, [&](const MirrorIndex::Entry& entry) {
    mutex_.AssertReaderHeld();
    if (entry.number != number) return false;
    const Link& link = *links_[entry.link];
    if (link.info == nullptr || !link.Counts(entry)) return true;
    if (now < link.fresh_until) {
      finding.fresh.push_back(HitOf(link, entry));
    } else if (now < LastWordOf(link) + max_stale_) {
      finding.stale.push_back(HitOf(link, entry));
    }
    return true;
  });
  for (const auto& [until, index] : leases_) {
    if (until > now) break;
    const Link& link = *links_[index];
    finding.not_in_step.push_back(link.info->id);
    finding.is_any_askable |= link.is_askable;
  }
  return finding;
}

SteadyTime Mirrors::LastWordOf(const Link& link) const {
  return link.fresh_until != kNever ? link.fresh_until : link.last_word;
}

std::vector<Mirrors::Listed> Mirrors::List(
    std::optional<Cursor>& cursor, size_t limit,
    const store::InterlinkId* only) const {
  std::vector<Listed> listed;
  absl::ReaderMutexLock lock(&mutex_);
  const SteadyTime now = loop_.Now();
  size_t looked_at = 0;
  std::optional<Cursor> next;
  index_.Visit(cursor.value_or(First()), [&](const MirrorIndex::Entry& entry) {
    mutex_.AssertReaderHeld();
    if (listed.size() == limit || ++looked_at > kListStep) {
      next = Cursor{entry.number, entry.link};
      return false;
    }
    const Link& link = *links_[entry.link];
    if (link.info == nullptr || !link.Counts(entry)) return true;
    if (only != nullptr && link.info->id != *only) return true;
    const bool is_fresh = now < link.fresh_until;
    if (is_fresh || now < LastWordOf(link) + max_stale_) {
      listed.push_back({entry.number, HitOf(link, entry), is_fresh});
    }
    return true;
  });
  cursor = next;
  return listed;
}

std::shared_ptr<const LinkInfo> Mirrors::InfoOf(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link == nullptr ? nullptr : link->info;
}

std::vector<store::InterlinkId> Mirrors::LiveLinks() const {
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<store::InterlinkId> live;
  for (const auto& [until, index] : leases_) {
    live.push_back(links_[index]->info->id);
  }
  return live;
}

std::string Mirrors::NamesOf(const std::vector<store::InterlinkId>& ids,
                             size_t limit) const {
  absl::ReaderMutexLock lock(&mutex_);
  std::string names;
  for (size_t i = 0; i < std::min(limit, ids.size()); ++i) {
    const Link* link = FindLink(ids[i]);
    if (link == nullptr || link->info == nullptr) continue;
    names += (names.empty() ? "\"" : ", \"") + link->info->name + "\"";
  }
  return names;
}

size_t Mirrors::size() const {
  absl::ReaderMutexLock lock(&mutex_);
  return index_.size();
}

size_t Mirrors::in_step() const {
  absl::ReaderMutexLock lock(&mutex_);
  const SteadyTime now = loop_.Now();
  size_t count = 0;
  for (auto i = leases_.rbegin(); i != leases_.rend() && i->first > now; ++i) {
    ++count;
  }
  return count;
}

}  // namespace interlink::federation
