#pragma once

#include <memory>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "federation/base/counters.h"
#include "federation/base/event_loop.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/removal_outbox.h"
#include "federation/linking/termination.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// How a link ends (design.md section 10): at once here, and at the peer as soon
// as either side can reach the other.
//
// Invariant: a deletion that was answered OK is never undone.
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class Removals {
 public:
  // How a peer hears that its Terminate has arrived: by the answer alone, or
  // also from the outbox, because a peer that was dialled from here may be
  // unable to call again if the answer is lost.
  enum class Confirmation { kAnswer, kAnswerAndOutbox };

  Removals(Ledger& ledger, EventLoop& loop, RemovalOutbox& outbox,
           const Termination& termination, Counters& counters);

  // Gets OK once what was asked for is stored, or why it is not.
  using Done = Decisions::Done;

  // The administrator's deletion. It acts by id, whatever state the row is in
  // by now.
  void DeleteInterlink(std::string_view id, Done done);

  // A peer's Terminate. OK whether or not it had an effect; `done` may be
  // called at once. Errors: STORE_UNAVAILABLE; NOT_PERMITTED if the caller
  // would be the peer, were it not for the dates of its certificate.
  void Terminate(const PeerCaller& caller, const v1::TerminateRequest& request,
                 Done done);

  // The same, received over a session of the link `session`, which may be gone
  // by now.
  void TerminateOverSession(store::InterlinkId session,
                            const v1::TerminateRequest& request,
                            Confirmation confirmation, Done done);

  // The pinned peer has answered LINK_TERMINATED to a call on this row.
  void RemovedByPeer(store::InterlinkId id, Done done);

 private:
  // What a decision has done, for the counters.
  struct Ended {
    int made = 0;       // Removals by the administrator.
    int received = 0;   // By peers.
    int delivered = 0;  // That a peer has heard of.
  };

  absl::Status DecideDelete(std::string_view id, Transaction& transaction,
                            Ended& ended) const;
  void Delete(const Row& row, Transaction& transaction, Ended& ended) const;
  absl::Status DecideTerminate(const Termination::Caller& caller,
                               const v1::TerminateRequest& request,
                               Confirmation confirmation,
                               Transaction& transaction, Ended& ended) const;
  void Submit(const Subject& subject,
              absl::AnyInvocable<absl::Status(Transaction&, Ended&)> decide,
              Done done);
  // Whether nothing is known of what a peer asks the end of.
  bool IsUnknown(const v1::TerminateRequest& request) const;
  void SweepTombstones();
  // Adds to `transaction` that the oldest tombstones go; whether there are
  // more.
  bool AddSweep(Transaction& transaction) const;

  Ledger& ledger_;
  EventLoop& loop_;
  RemovalOutbox& outbox_;
  const Termination& termination_;
  Counters& counters_;
  std::unique_ptr<EventLoop::Timer> sweep_timer_;
};

}  // namespace interlink::federation
