#include "federation/directory/link_access.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "federation/identity/pins.h"

namespace interlink::federation {

void LinkAccess::Set(store::InterlinkId id, const Row* row) {
  absl::MutexLock lock(&mutex_);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    links_.erase(id);
    return;
  }
  auto [entry, is_new] = links_.try_emplace(id);
  Link& link = entry->second;
  if (is_new) Limit(link, lookup_limit_);
  link.name = row->record.name();
  link.paused = row->record.paused();
  PeerPin pin = PinOf(row->record.peer());
  if (pin == link.pin) return;
  link.pin = std::move(pin);
  link.passed.clear();
}

void LinkAccess::Limit(Link& link, int per_second) {
  link.lookups = TokenBucket(per_second, per_second);
  link.refusals = link.lookups;
}

bool LinkAccess::HasPassed(const Link& link, const std::string& leaf_pem,
                           WallTime now) {
  return std::any_of(link.passed.begin(), link.passed.end(),
                     [&](const Passed& passed) {
                       return now < passed.until && leaf_pem == passed.leaf_pem;
                     });
}

void LinkAccess::SetLookupLimit(int per_second) {
  absl::MutexLock lock(&mutex_);
  lookup_limit_ = per_second;
  for (auto& [id, link] : links_) Limit(link, per_second);
}

void LinkAccess::SetContact(std::string contact) {
  absl::MutexLock lock(&mutex_);
  contact_ = std::move(contact);
}

std::string LinkAccess::Contact() const {
  absl::MutexLock lock(&mutex_);
  return contact_;
}

std::string LinkAccess::NameOf(store::InterlinkId id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  return found == links_.end() ? "" : found->second.name;
}

LinkAccess::Verdict LinkAccess::CheckIdentity(store::InterlinkId id,
                                              const PresentedChain& certificate,
                                              absl::Status* why) {
  const WallTime now = loop_.WallNow();
  std::optional<PeerPin> pin;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = links_.find(id);
    if (found != links_.end()) {
      const Link& link = found->second;
      if (HasPassed(link, certificate.leaf_pem, now)) return Standing(link);
      pin = link.pin;
    }
  }
  // Without the lock, because this takes a while. Also if there is no link: the
  // time of the answer must not tell which links exist.
  auto until =
      VerifyPeer(pin.value_or(PeerPin()), certificate, TlsSide::kClient, now);
  if (!pin) return Verdict::kNotOpen;
  if (!until.ok()) {
    *why = until.status();
    return Verdict::kNotPeer;
  }
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  // Meanwhile the link may have gone, or have got another pin.
  if (found == links_.end() || found->second.pin.roots != pin->roots) {
    return Verdict::kNotOpen;
  }
  std::vector<Passed>& passed = found->second.passed;
  // Another thread may have verified the same one, or it may have run out.
  erase_if(passed, [&](const Passed& each) {
    return each.leaf_pem == certificate.leaf_pem;
  });
  passed.push_back({certificate.leaf_pem, *until});
  if (passed.size() > kMostCertificates) passed.erase(passed.begin());
  return Standing(found->second);
}

LinkAccess::Verdict LinkAccess::Check(store::InterlinkId id,
                                      const PresentedChain& certificate,
                                      absl::Status* why) {
  const Verdict verdict = CheckIdentity(id, certificate, why);
  const bool is_peer = verdict == Verdict::kPeer || verdict == Verdict::kPaused;
  return is_peer ? CheckKnown(id) : verdict;
}

LinkAccess::Verdict LinkAccess::CheckKnown(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  if (found == links_.end()) return Verdict::kNotOpen;
  if (lookup_limit_ > 0 && !found->second.lookups.Take(loop_.Now())) {
    return Verdict::kRateLimited;
  }
  return Standing(found->second);
}

bool LinkAccess::TakeRefusal(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  return found != links_.end() && found->second.refusals.Take(loop_.Now());
}

}  // namespace interlink::federation
