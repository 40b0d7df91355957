#include "tests/support/awaited_account.h"

#include <utility>

#include "federation/ledger/interlink_update.h"
#include "tests/support/awaited.h"

namespace interlink::testing {

namespace api = federation::api;
namespace wire = federation::v1;

absl::StatusOr<api::GenerateKeyResponse> AwaitedAccount::GenerateKey(
    const api::GenerateKeyRequest& request) {
  return Await<absl::StatusOr<api::GenerateKeyResponse>>(time_, [&](auto done) {
    account().issuer().GenerateKey(request, std::move(done));
  });
}

absl::Status AwaitedAccount::DeleteById(const std::string& id) {
  return Await<absl::Status>(time_, [&](auto done) {
    account().removals().DeleteInterlink(id, std::move(done));
  });
}

absl::StatusOr<api::Interlink> AwaitedAccount::Update(
    const api::UpdateInterlinkRequest& request) {
  return Await<absl::StatusOr<api::Interlink>>(time_, [&](auto done) {
    UpdateInterlink(account().ledger(), request, std::move(done));
  });
}

absl::StatusOr<wire::RedeemResponse> AwaitedAccount::Redeem(
    const federation::PeerCaller& caller, const wire::RedeemRequest& request) {
  return Await<absl::StatusOr<wire::RedeemResponse>>(time_, [&](auto done) {
    account().redemptions().Redeem(caller, request, std::move(done));
  });
}

absl::StatusOr<wire::LookupResponse> AwaitedAccount::DecideLookup(
    const federation::PeerCaller& caller, const wire::LookupRequest& request) {
  return Await<absl::StatusOr<wire::LookupResponse>>(time_, [&](auto done) {
    account().DecideLookup(caller, request, std::move(done));
  });
}

absl::Status AwaitedAccount::Terminate(const federation::PeerCaller& caller,
                                       const wire::TerminateRequest& request) {
  return Await<absl::Status>(time_, [&](auto done) {
    account().removals().Terminate(caller, request, std::move(done));
  });
}

absl::Status AwaitedAccount::TerminateOverSession(
    store::InterlinkId session, const wire::TerminateRequest& request,
    federation::Removals::Confirmation confirmation) {
  return Await<absl::Status>(time_, [&](auto done) {
    account().removals().TerminateOverSession(session, request, confirmation,
                                              std::move(done));
  });
}

}  // namespace interlink::testing
