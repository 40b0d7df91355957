#include "federation/mirrors/mirrors.h"

#include <algorithm>

#include "federation/base/reason.h"
#include "federation/base/settings.h"

namespace interlink::federation {
namespace {

constexpr size_t kSweepStep = 10'000;
constexpr size_t kListStep = 20'000;  // Entries that a page of a list looks at.
constexpr size_t kMostLinks = 65'535;
constexpr SteadyTime kNoLease{};  // In the order of leases: out of step.

}  // namespace

struct Mirrors::Link {
  explicit Link(Index index) : mirror(index) {}

  Mirror mirror;
  std::shared_ptr<const LinkedPeer> peer;  // nullptr: nothing counts.
  bool is_dead = false;                    // Its entries are to be swept.
  bool is_askable = false;
  // The position that the peer named last, and how long its word is good.
  DirectoryPosition named;
  SteadyTime lease_end;
  SteadyTime fresh_until = kNoLease;  // As in `leases_`.
  SteadyTime was_in_step;             // If `fresh_until` is kNoLease.

  bool IsPaused() const { return peer != nullptr && peer->is_paused; }
  // Until when the mirror is what the peer shares: nothing if it has paused.
  SteadyTime FreshUntil() const {
    const bool is_in_step =
        IsPaused() || (mirror.is_complete() && mirror.position() == named);
    return is_in_step ? lease_end : kNoLease;
  }
  // When it was last in step; may be to come.
  SteadyTime LastInStep() const {
    return fresh_until != kNoLease ? fresh_until : was_in_step;
  }
  bool Counts(const MirrorIndex::Entry& entry) const {
    return !is_dead && mirror.Counts(entry);
  }
  bool Gives(const MirrorIndex::Entry& entry) const {
    return peer != nullptr && !peer->is_paused && Counts(entry);
  }
  MirrorHit HitOf(const MirrorIndex::Entry& entry) const {
    return {.peer = peer,
            .name = std::string(entry.name),
            .contact = std::string(entry.contact),
            .fresh_until = fresh_until,
            .needs_token = peer->asks_for_call_tokens};
  }
};

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
                      std::shared_ptr<const LinkedPeer> peer) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) {
    if (peer == nullptr) return;
    const auto index = TakeIndex();
    if (!index) return;
    links_[*index] = std::make_unique<Link>(*index);
    link = links_[*index].get();
    by_id_[id] = *index;
  }
  const bool was_paused = link->IsPaused();
  RemoveLease(*link);
  link->peer = std::move(peer);
  AddLease(*link);
  if (was_paused != link->IsPaused()) SetFreshUntil(*link, link->FreshUntil());
}

void Mirrors::RemoveLink(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  RemoveLease(*link);
  link->peer = nullptr;
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
  leases_.Remove(link.fresh_until, link.mirror.index(), link.is_askable);
}

void Mirrors::AddLease(const Link& link) {
  if (link.peer == nullptr) return;
  leases_.Add(link.fresh_until, link.mirror.index(), link.is_askable);
}

void Mirrors::SetFreshUntil(Link& link, SteadyTime until) {
  if (link.fresh_until == until) return;
  const SteadyTime now = loop_.Now();
  // In step until now, or until its lease ended.
  if (link.fresh_until != kNoLease) {
    link.was_in_step = std::min(link.fresh_until, now);
  }
  RemoveLease(link);
  link.fresh_until = until;
  AddLease(link);
}

std::optional<DirectoryPosition> Mirrors::PositionOf(
    store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  if (link == nullptr || !link->mirror.is_complete()) return std::nullopt;
  return link->mirror.position();
}

bool Mirrors::TakesParts(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link != nullptr && link->mirror.TakesParts();
}

absl::Status Mirrors::Apply(store::InterlinkId id,
                            const v1::DirectoryPart& part) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return absl::OkStatus();  // It is over.
  absl::Status status = ApplyLocked(*link, part);
  if (ReasonOf(status) == Reason::kLimitReached) Drop(*link);
  return status;
}

absl::Status Mirrors::ApplyLocked(Link& link, const v1::DirectoryPart& part) {
  if (part.begins_snapshot()) {
    if (!link.mirror.CanBeginSnapshot()) Drop(link);
    link.mirror.BeginSnapshot();
  }
  if (!link.mirror.TakesParts()) return absl::OkStatus();
  SetFreshUntil(link, kNoLease);  // Until the last part.
  const bool was_loading = link.mirror.IsLoading();
  absl::Status status = link.mirror.Take(part, index_, limits_);
  if (!status.ok() || !part.has_directory()) return status;
  if (was_loading && link.mirror.HasEntriesToSweep()) SweepLater();
  link.named = link.mirror.position();
  SetFreshUntil(link, link.lease_end);
  return absl::OkStatus();
}

absl::Status Mirrors::Omitted(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link == nullptr ? absl::OkStatus() : link->mirror.omitted().InWords();
}

void Mirrors::Confirm(store::InterlinkId id,
                      const DirectoryPosition& position) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  link->named = position;
  link->lease_end = loop_.Now() + kLease;
  SetFreshUntil(*link, link->FreshUntil());
}

void Mirrors::TakeBack(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  Link* link = FindLink(id);
  if (link == nullptr) return;
  Drop(*link);
  SetFreshUntil(*link, link->FreshUntil());
}

void Mirrors::Drop(Link& link) {
  SetFreshUntil(link, kNoLease);
  link.mirror.Reset();
  if (link.mirror.stored() == 0) return;
  const auto index = TakeIndex();
  if (!index) return;
  // The link goes on under another index; the entries under the old one are
  // swept.
  const Index old_index = link.mirror.index();
  RemoveLease(link);
  auto dead = std::make_unique<Link>(*index);
  std::swap(dead->mirror, link.mirror);
  dead->is_dead = true;
  AddLease(link);
  for (auto& [id, known] : by_id_) {
    if (known == old_index) known = *index;
  }
  links_[*index] = std::exchange(links_[old_index], std::move(dead));
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
                                   link.mirror.CountSwept();
                                   return false;
                                 });
  sweep_.reset();
  if (next) {
    sweep_from_ = *next;
    sweep_ = loop_.After({}, [this] { SweepSome(); });
    return;
  }
  for (auto& link : links_) {
    if (link != nullptr && link->is_dead && link->mirror.stored() == 0)
      link.reset();
  }
  if (is_sweep_wanted_) SweepLater();
}

bool Mirrors::IsInStep(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link != nullptr && loop_.Now() < link->fresh_until;
}

MirrorFinding Mirrors::Find(store::InternalNumber number,
                            const store::InterlinkId* only) const {
  MirrorFinding finding;
  const SteadyTime now = loop_.Now();
  absl::ReaderMutexLock lock(&mutex_);
  index_.Visit({number, 0}, [&](const MirrorIndex::Entry& entry) {
    mutex_.AssertReaderHeld();
    if (entry.number != number) return false;
    const Link& link = *links_[entry.link];
    if (!link.Gives(entry)) return true;
    if (only != nullptr && link.peer->id != *only) return true;
    if (now < link.fresh_until) {
      finding.fresh.push_back(link.HitOf(entry));
    } else if (now < link.LastInStep() + max_stale_) {
      finding.stale.push_back(link.HitOf(entry));
    }
    return true;
  });
  if (only != nullptr) {
    const Link* link = FindLink(*only);
    if (link == nullptr || link->peer == nullptr || now < link->fresh_until) {
      return finding;
    }
    finding.is_any_askable = link->is_askable;
    finding.not_in_step.push_back(*only);
    return finding;
  }
  finding.is_any_askable = leases_.IsAnyAskable(now);
  const auto name = [&](Index index) {
    mutex_.AssertReaderHeld();
    finding.not_in_step.push_back(links_[index]->peer->id);
    return finding.not_in_step.size() < kMostNamed;
  };
  leases_.VisitSilent(now, name);
  if (finding.not_in_step.size() < kMostNamed) leases_.VisitAskable(now, name);
  return finding;
}

LinksOutOfStep Mirrors::OutOfStep() const {
  LinksOutOfStep found;
  const SteadyTime now = loop_.Now();
  absl::ReaderMutexLock lock(&mutex_);
  leases_.VisitAskable(now, [&](Index index) {
    mutex_.AssertReaderHeld();
    found.askable.push_back(links_[index]->peer->id);
    return true;
  });
  leases_.VisitSilent(now, [&](Index index) {
    mutex_.AssertReaderHeld();
    found.silent.push_back(links_[index]->peer->id);
    return found.silent.size() < kMostNamed;
  });
  return found;
}

std::vector<MirrorListed> Mirrors::List(std::optional<Cursor>& cursor,
                                        size_t limit,
                                        const store::InterlinkId* only) const {
  std::vector<MirrorListed> listed;
  absl::ReaderMutexLock lock(&mutex_);
  const SteadyTime now = loop_.Now();
  size_t looked_at = 0;
  std::optional<Cursor> next;
  index_.Visit(
      cursor.value_or(MirrorIndex::First()),
      [&](const MirrorIndex::Entry& entry) {
        mutex_.AssertReaderHeld();
        if (listed.size() == limit || ++looked_at > kListStep) {
          next = Cursor{entry.number, entry.link};
          return false;
        }
        const Link& link = *links_[entry.link];
        if (!link.Gives(entry)) return true;
        if (only != nullptr && link.peer->id != *only) return true;
        const bool is_fresh = now < link.fresh_until;
        if (is_fresh || now < link.LastInStep() + max_stale_) {
          listed.push_back({entry.number, link.HitOf(entry), is_fresh});
        }
        return true;
      });
  cursor = next;
  return listed;
}

std::shared_ptr<const LinkedPeer> Mirrors::PeerOf(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link == nullptr ? nullptr : link->peer;
}

std::vector<store::InterlinkId> Mirrors::LiveLinks() const {
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<store::InterlinkId> live;
  for (const auto& [id, index] : by_id_) {
    if (links_[index]->peer != nullptr) live.push_back(id);
  }
  return live;
}

MirrorExtent Mirrors::ExtentOf(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  if (link == nullptr) return {};
  MirrorExtent extent{.entries = link->mirror.stored()};
  const SteadyTime last = link->LastInStep();
  if (last != SteadyTime()) extent.in_step = std::min(last, loop_.Now());
  return extent;
}

size_t Mirrors::shared() const {
  absl::ReaderMutexLock lock(&mutex_);
  return index_.shared();
}

size_t Mirrors::size() const {
  absl::ReaderMutexLock lock(&mutex_);
  return index_.size();
}

size_t Mirrors::in_step() const {
  absl::ReaderMutexLock lock(&mutex_);
  return leases_.InStep(loop_.Now());
}

}  // namespace interlink::federation
