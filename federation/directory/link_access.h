#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "federation/ledger/interlinks.h"
#include "federation/peer/peer_client.h"
#include "store/ids.h"

namespace interlink::federation {

// Which caller may look up numbers over which established link, for the calls
// that answer on the RPC thread. A link is shut here before its deletion or
// pause is answered.
//
// Threading: thread-safe.
class LinkAccess {
 public:
  // What a caller is to a link.
  enum class Verdict {
    kPeer,         // The link's peer, and the link stands.
    kPaused,       // The link's peer, but the link is paused here.
    kNotPeer,      // Somebody else.
    kNotOpen,      // No established link has that id: the loop has to decide.
    kRateLimited,  // The link's peer, asking too often.
  };

  // How many certificates of a link's peer are remembered once they were found
  // good: one for each connection that it may have. Otherwise a peer could have
  // one verified for each call, by taking turns among its connections.
  static constexpr size_t kMostCertificates = 16;

  explicit LinkAccess(const EventLoop& loop) : loop_(loop) {}

  // The row has changed; nullptr: it is gone.
  void Set(store::InterlinkId id, const Row* row);
  void SetLookupLimit(int per_second);
  // The account's contact, for numbers that have none of their own.
  void SetContact(std::string contact);
  std::string Contact() const;

  // The link's name here; empty if it is not open.
  std::string NameOf(store::InterlinkId id) const;

  // Whether the caller is the link's peer; never kRateLimited. If the verdict
  // is kNotPeer, `why` says what is wrong with the certificate.
  Verdict CheckIdentity(store::InterlinkId id,
                        const PresentedChain& certificate, absl::Status* why);
  // The same for a caller that looks up a number, which takes a token of
  // --lookup-limit if the caller is the link's peer.
  Verdict Check(store::InterlinkId id, const PresentedChain& certificate,
                absl::Status* why);
  // For a caller that is known to be the link's peer.
  Verdict CheckKnown(store::InterlinkId id);

  // Whether an answer kRateLimited still counts as one that the peer may ask
  // for: as many a second do as --lookup-limit allows lookups.
  bool TakeRefusal(store::InterlinkId id);

 private:
  // A certificate that was found good, and until when it is.
  struct Passed {
    std::string leaf_pem;
    WallTime until;
  };
  struct Link {
    std::string name;
    PeerPin pin;
    bool paused = false;
    TokenBucket lookups;
    TokenBucket refusals;
    std::vector<Passed> passed;  // The latest last.
  };

  static void Limit(Link& link, int per_second);
  static bool HasPassed(const Link& link, const std::string& leaf_pem,
                        WallTime now);
  static Verdict Standing(const Link& link) {
    return link.paused ? Verdict::kPaused : Verdict::kPeer;
  }

  const EventLoop& loop_;
  mutable absl::Mutex mutex_;
  int lookup_limit_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string contact_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<store::InterlinkId, Link> links_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
