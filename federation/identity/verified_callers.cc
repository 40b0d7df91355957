#include "federation/identity/verified_callers.h"

#include "federation/base/reason.h"
#include "federation/identity/certificate.h"

namespace interlink::federation {

absl::Status VerifiedCallers::Check(const PresentedChain& chain,
                                    store::AccountId account,
                                    const std::string& root_der, WallTime now) {
  const std::string key =
      Sha256(Sha256(chain.leaf_pem) + Sha256(root_der) + account.ToBytes());
  const auto known = until_.find(key);
  if (known != until_.end() && now < known->second) return absl::OkStatus();
  auto root = Certificate::FromDer(root_der);
  if (!root.ok() || !root->IsSelfSignedRoot()) {
    return Refusal(Reason::kRequestInvalid, "the Redeem body names no root");
  }
  auto until =
      VerifyPeer({account, {root_der}, {}}, chain, TlsSide::kClient, now);
  if (!until.ok()) {
    return Refusal(Reason::kNotPermitted, SentenceOf(until.status()));
  }
  if (until_.size() >= kMost) until_.clear();
  until_[key] = *until;
  return absl::OkStatus();
}

}  // namespace interlink::federation
