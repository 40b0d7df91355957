#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/ledger/context.h"
#include "federation/ledger/transaction.h"
#include "federation/linking/authorization_key.h"
#include "federation/peer/address_rounds.h"
#include "federation/peer/peer_client.h"

namespace interlink::federation {

// The redeemer's half of linking (design.md section 6): enters somebody else's
// key and keeps trying until its issuer has settled it, also across restarts.
//
// Invariant: once Redeem may have been sent, only the pinned issuer's word, or
// the administrator's deletion, ends the attempt.
// Threading: loop only.
class KeyRedeemer {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<api::Interlink>)>;

  explicit KeyRedeemer(const Context& context);
  ~KeyRedeemer();

  // Enters a key. `done` is called once, never from within this call: when the
  // attempt is settled, or after `wait` with the row as it stands.
  void LinkAccount(const api::LinkAccountRequest& request, Duration wait,
                   Done done);

  // Answers whoever waits, now or later, with the rows as they stand: the
  // daemon stops. The attempts go on after the next start.
  void EndWaits();

  // The issuer of the LINKING row `id` has called over the link: that is the
  // answer. `root_der` is the root by which it proved itself. What it has not
  // said of itself yet is asked for afterwards. PEER_UNREACHABLE while another
  // link with that account stands: the answer to Redeem says which of them
  // goes.
  absl::Status EstablishByCall(store::InterlinkId id,
                               const std::string& root_der);

 private:
  struct Waiter {
    std::unique_ptr<EventLoop::Timer> timer;
    Done done;
  };
  struct Attempt {
    AddressRounds rounds{std::chrono::milliseconds(500),
                         std::chrono::seconds(60)};
    // Removals that the call under way carries.
    std::vector<store::InterlinkId> carried;
    std::unique_ptr<EventLoop::Timer> retry;
    std::vector<std::shared_ptr<Waiter>> waiters;
  };

  absl::StatusOr<store::InterlinkId> Enter(
      const api::LinkAccountRequest& request);
  static store::v1::InterlinkRecord NewRecord(const AuthorizationKey& key,
                                              const std::string& name);
  absl::Status CheckEnterable(const AuthorizationKey& key,
                              const std::string& name) const;
  void Wait(store::InterlinkId id, Duration wait, Done done);
  void TellWaiters(std::vector<std::shared_ptr<Waiter>> waiters,
                   const absl::StatusOr<api::Interlink>& result);
  absl::StatusOr<api::Interlink> OutcomeOf(store::InterlinkId id) const;

  void Observe(store::InterlinkId id);
  void TryAll(store::InterlinkId id);
  void TryNextAddress(store::InterlinkId id);
  v1::RedeemRequest MakeRequest(const AuthorizationKey& key, const Row& row,
                                Attempt& attempt) const;
  void Answered(store::InterlinkId id, const std::string& address,
                PeerAnswer<v1::RedeemResponse> answer);
  void RetryLater(store::InterlinkId id, const absl::Status& why);
  void Refused(store::InterlinkId id, const absl::Status& status);
  absl::Status EndTerminated(const Row& row);
  absl::Status EndAwaited(const Row& row, const absl::Status& status);
  absl::Status EndUnawaited(const Row& row, const absl::Status& status);

  absl::Status Establish(store::InterlinkId id,
                         const v1::RedeemResponse& response,
                         const std::string& address);
  void DropReplaced(const Row& row, const v1::RedeemResponse& response,
                    Transaction& transaction) const;
  // The row, if any, that stands instead of `row` because each side redeemed
  // the other's key.
  const Row* FindSenior(const Row& row, const Transaction& transaction) const;
  absl::Status MergeInto(const Row& senior, const Row& row,
                         Transaction transaction);

  Context context_;
  std::map<store::InterlinkId, Attempt> attempts_;
  bool may_wait_ = true;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
};

}  // namespace interlink::federation
