#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "federation/directory/directory_position.h"
#include "federation/mirrors/linked_peer.h"
#include "federation/mirrors/mirror_finding.h"
#include "federation/mirrors/mirror_index.h"
#include "federation/mirrors/mirror_leases.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// What the linked accounts share, as they said it last (design.md section 9).
// In memory only, apart from this account's own numbers.
//
// A mirror is in step while its position is the one that its owner named in a
// pong that is less than kLease old.
// Threading: Find(), List() and the counts from any thread; the rest loop only.
class Mirrors {
 public:
  struct Limits {
    size_t per_link;
    size_t in_all;
  };
  using Cursor = MirrorIndex::Key;  // Where a list goes on.

  Mirrors(EventLoop& loop, Limits limits);
  ~Mirrors();

  void SetLimits(Limits limits);
  // Entries older than this are not given out any more, from the moment that
  // their mirror was last in step.
  void SetMaxStale(Duration max_stale);

  // A link whose peer has a say (LinkInfo::Of); nullptr: not now.
  void SetLink(store::InterlinkId id, std::shared_ptr<const LinkInfo> info);
  // The link is gone, and all that it said.
  void RemoveLink(store::InterlinkId id);
  void SetAskable(store::InterlinkId id, bool is_askable);

  // What a complete mirror has; nullopt if it is not complete.
  std::optional<DirectoryPosition> PositionOf(store::InterlinkId id) const;
  // Takes over one part. DATA_LOSS if the mirror is then not what the peer says
  // it is; LIMIT_REACHED if it is too much, and then nothing is kept of it.
  absl::Status Apply(store::InterlinkId id, const v1::DirectoryPart& part);
  absl::Status Omitted(store::InterlinkId id) const;  // In words, or OK.
  // The peer has said, in answer to a ping, where its directory is.
  void Confirm(store::InterlinkId id, const DirectoryPosition& position);
  // The peer has paused, and so takes back all that it shared: none of it is
  // given out any more, not even as its last word.
  void TakeBack(store::InterlinkId id);
  bool IsInStep(store::InterlinkId id) const;

  MirrorFinding Find(store::InternalNumber number) const;
  // At most `limit` entries from `cursor` on, of one link if `only` is given;
  // moves the cursor, and says whether that was the end. Looks at a bounded
  // number of entries, so it may give fewer.
  std::vector<MirrorListed> List(std::optional<Cursor>& cursor, size_t limit,
                                 const store::InterlinkId* only) const;

  // nullptr if the link has no say.
  std::shared_ptr<const LinkInfo> InfoOf(store::InterlinkId id) const;
  std::vector<store::InterlinkId> LiveLinks() const;
  LinksOutOfStep OutOfStep() const;
  // The first `limit` of their names, quoted.
  std::string NamesOf(const std::vector<store::InterlinkId>& ids,
                      size_t limit) const;

  size_t size() const;  // Entries.
  size_t in_step() const;

 private:
  struct Link;
  using Index = MirrorIndex::LinkIndex;

  Link* FindLink(store::InterlinkId id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const Link* FindLink(store::InterlinkId id) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Nothing is at it; nullopt if there are too many links.
  std::optional<Index> TakeIndex() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ClearLocked(Link& link) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ApplyLocked(Link& link, const v1::DirectoryPart& part)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Around a change of what the link's place among the leases depends on.
  void RemoveLease(const Link& link) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddLease(const Link& link) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetFreshUntil(Link& link, SteadyTime until)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  MirrorHit HitOf(const Link& link, const MirrorIndex::Entry& entry) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // When it was last in step; may be to come.
  SteadyTime LastWordOf(const Link& link) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void SweepLater() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepSome();

  EventLoop& loop_;
  mutable absl::Mutex mutex_;
  Limits limits_ ABSL_GUARDED_BY(mutex_);
  Duration max_stale_ ABSL_GUARDED_BY(mutex_);
  MirrorIndex index_ ABSL_GUARDED_BY(mutex_);
  std::map<store::InterlinkId, Index> by_id_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Link>> links_ ABSL_GUARDED_BY(mutex_);
  MirrorLeases leases_ ABSL_GUARDED_BY(mutex_);  // Of links with a say.
  std::unique_ptr<EventLoop::Timer> sweep_;      // Loop only, as what follows.
  bool is_sweep_wanted_ = false;
  MirrorIndex::Key sweep_from_;
};

}  // namespace interlink::federation
