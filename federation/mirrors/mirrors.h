#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "federation/directory/directory_position.h"
#include "federation/mirrors/linked_peer.h"
#include "federation/mirrors/mirror.h"
#include "federation/mirrors/mirror_finding.h"
#include "federation/mirrors/mirror_index.h"
#include "federation/mirrors/mirror_leases.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// The latest word of each linked account on what it shares (design.md section
// 9). In memory only.
//
// A mirror is in step while its position is the one that its owner named in a
// pong less than kLease ago.
// Threading: const methods from any thread; the others loop only.
class Mirrors {
 public:
  using Limits = Mirror::Limits;
  using Cursor = MirrorIndex::Key;  // Where a list goes on.

  Mirrors(EventLoop& loop, Limits limits);
  ~Mirrors();

  void SetLimits(Limits limits);
  // How long the entries of a mirror are given out, as stale, after the mirror
  // was last in step.
  void SetMaxStale(Duration max_stale);

  // `peer`: nullptr if nothing over this link counts now (LinkedPeer::Of).
  void SetLink(store::InterlinkId id, std::shared_ptr<const LinkedPeer> peer);
  // Also drops the link's mirror.
  void RemoveLink(store::InterlinkId id);
  // Whether the peer may be asked for what its mirror does not know.
  void SetAskable(store::InterlinkId id, bool is_askable);

  // The position of a complete mirror; nullopt if it is not complete.
  std::optional<DirectoryPosition> PositionOf(store::InterlinkId id) const;
  // Whether parts mean anything: a snapshot has begun.
  bool TakesParts(store::InterlinkId id) const;
  // Takes over one part. DATA_LOSS if the mirror then differs from what its
  // owner says; LIMIT_REACHED if it is too large, and then it is dropped.
  absl::Status Apply(store::InterlinkId id, const v1::DirectoryPart& part);
  // Why some of what the peer shares is not in its mirror, or OK.
  absl::Status Omitted(store::InterlinkId id) const;
  // The peer has named its position in a pong.
  void Confirm(store::InterlinkId id, const DirectoryPosition& position);
  // The peer has paused, and so takes back all that it shared: the mirror is
  // emptied, and not even its last word is given out.
  void TakeBack(store::InterlinkId id);
  bool IsInStep(store::InterlinkId id) const;

  // Of one link alone if `only` is given.
  MirrorFinding Find(store::InternalNumber number,
                     const store::InterlinkId* only = nullptr) const;
  // At most `limit` entries from `cursor` on, of one link if `only` is given.
  // Moves the cursor; nullopt at the end. Looks at a bounded number of entries,
  // so it may return fewer than there are.
  std::vector<MirrorListed> List(std::optional<Cursor>& cursor, size_t limit,
                                 const store::InterlinkId* only) const;

  // nullptr if nothing over this link counts.
  std::shared_ptr<const LinkedPeer> PeerOf(store::InterlinkId id) const;
  std::vector<store::InterlinkId> LiveLinks() const;
  LinksOutOfStep OutOfStep() const;

  MirrorExtent ExtentOf(store::InterlinkId id) const;
  size_t size() const;     // Entries.
  size_t shared() const;   // Numbers that more than one link has.
  size_t in_step() const;  // Links.

 private:
  struct Link;
  using Index = MirrorIndex::LinkIndex;

  Link* FindLink(store::InterlinkId id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const Link* FindLink(store::InterlinkId id) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // An index that is free; nullopt if there are too many links.
  std::optional<Index> TakeIndex() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Drops the mirror; the link goes on with an empty one.
  void Drop(Link& link) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ApplyLocked(Link& link, const v1::DirectoryPart& part)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Called before and after a change of the link's index, end of lease or
  // askability.
  void RemoveLease(const Link& link) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddLease(const Link& link) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetFreshUntil(Link& link, SteadyTime until)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepLater() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepSome();

  EventLoop& loop_;
  mutable absl::Mutex mutex_;
  Limits limits_ ABSL_GUARDED_BY(mutex_);
  Duration max_stale_ ABSL_GUARDED_BY(mutex_);
  MirrorIndex index_ ABSL_GUARDED_BY(mutex_);
  std::map<store::InterlinkId, Index> by_id_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Link>> links_ ABSL_GUARDED_BY(mutex_);
  MirrorLeases leases_ ABSL_GUARDED_BY(mutex_);  // Of links that count.
  std::unique_ptr<EventLoop::Timer> sweep_;      // Loop only, as what follows.
  bool is_sweep_wanted_ = false;
  MirrorIndex::Key sweep_from_;
};

}  // namespace interlink::federation
