// Mirrors: what may be asked on any thread.

#include <algorithm>

#include "federation/mirrors/mirror.h"
#include "federation/mirrors/mirrors.h"

namespace interlink::federation {
namespace {

// Entries that one page of a list looks at.
constexpr size_t kListStep = 20'000;

}  // namespace

bool Mirrors::IsInStep(store::InterlinkId id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Link* link = FindLink(id);
  return link != nullptr && loop_.Now() < link->fresh_until;
}

MirrorHit Mirrors::HitOf(const Link& link,
                         const MirrorIndex::Entry& entry) const {
  return {.link = link.info,
          .name = std::string(entry.name),
          .contact = std::string(entry.contact),
          .fresh_until = link.fresh_until};
}

MirrorFinding Mirrors::Find(store::InternalNumber number) const {
  MirrorFinding finding;
  const SteadyTime now = loop_.Now();
  absl::ReaderMutexLock lock(&mutex_);
  index_.Visit({number, 0}, [&](const MirrorIndex::Entry& entry) {
    mutex_.AssertReaderHeld();
    if (entry.number != number) return false;
    const Link& link = *links_[entry.link];
    if (!link.Gives(entry)) return true;
    if (now < link.fresh_until) {
      finding.fresh.push_back(HitOf(link, entry));
    } else if (now < LastWordOf(link) + max_stale_) {
      finding.stale.push_back(HitOf(link, entry));
    }
    return true;
  });
  finding.is_any_askable = leases_.IsAnyAskable(now);
  const auto name = [&](Index index) {
    mutex_.AssertReaderHeld();
    finding.not_in_step.push_back(links_[index]->info->id);
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
    found.askable.push_back(links_[index]->info->id);
    return true;
  });
  leases_.VisitSilent(now, [&](Index index) {
    mutex_.AssertReaderHeld();
    found.silent.push_back(links_[index]->info->id);
    return found.silent.size() < kMostNamed;
  });
  return found;
}

SteadyTime Mirrors::LastWordOf(const Link& link) const {
  return link.fresh_until != kNoLease ? link.fresh_until : link.last_word;
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
  for (const auto& [id, index] : by_id_) {
    if (links_[index]->info != nullptr) live.push_back(id);
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
  return leases_.InStep(loop_.Now());
}

}  // namespace interlink::federation
