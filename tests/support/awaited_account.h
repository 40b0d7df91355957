#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/account.h"
#include "tests/support/virtual_time.h"

namespace interlink::testing {

// Changes of an account whose answer is waited for, in virtual time: what its
// administrator and its peers ask.
class AwaitedAccount {
 public:
  virtual federation::Account& account() = 0;

  absl::StatusOr<federation::api::GenerateKeyResponse> GenerateKey(
      const federation::api::GenerateKeyRequest& request);
  absl::Status DeleteById(const std::string& id);
  absl::StatusOr<federation::api::Interlink> Update(
      const federation::api::UpdateInterlinkRequest& request);

  absl::StatusOr<federation::v1::RedeemResponse> Redeem(
      const federation::PeerCaller& caller,
      const federation::v1::RedeemRequest& request);
  absl::StatusOr<federation::v1::LookupResponse> DecideLookup(
      const federation::PeerCaller& caller,
      const federation::v1::LookupRequest& request);
  absl::Status Terminate(const federation::PeerCaller& caller,
                         const federation::v1::TerminateRequest& request);
  absl::Status TerminateOverSession(
      store::InterlinkId session,
      const federation::v1::TerminateRequest& request,
      federation::Removals::Confirmation confirmation);

 protected:
  explicit AwaitedAccount(VirtualTime& time) : time_(time) {}
  ~AwaitedAccount() = default;

  VirtualTime& time_;
};

}  // namespace interlink::testing
