#include "tests/support/simulated_identity.h"

#include <cstdlib>
#include <utility>

#include "store/records.h"

namespace interlink::testing {

absl::Status SimulatedIdentity::Load(store::Database& database,
                                     federation::Randomness& randomness,
                                     federation::WallTime now) {
  const std::string key(store::kAccountKey);
  auto stored = database.Get(key);
  if (!stored.ok()) return stored.status();
  if (!identity_ || !*stored || (*stored)->value != record_) {
    auto identity =
        federation::Identity::LoadOrCreate(database, randomness, now);
    if (!identity.ok()) return identity.status();
    identity_ = *std::move(identity);
    stored = database.Get(key);
    if (!stored.ok()) return stored.status();
    record_ = (*stored)->value;
  }
  return Renew(now);
}

absl::Status SimulatedIdentity::Renew(federation::WallTime now) {
  auto leaf = identity_->IssueLeaf(now);
  if (!leaf.ok()) return leaf.status();
  leaf_ = *std::move(leaf);
  shown_.clear();
  return absl::OkStatus();
}

federation::PresentedChain SimulatedIdentity::Presented(
    federation::WallTime now) {
  const bool is_due =
      now < leaf_.not_before ||
      now - leaf_.not_before >= federation::Identity::kLeafLife * 2 / 3;
  if (is_due && !Renew(now).ok()) std::abort();
  const std::string& chain = leaf_.chain_pem;
  const size_t root = chain.find("-----BEGIN", 1);
  return {.leaf_pem = chain.substr(0, root), .chain_pem = chain.substr(root)};
}

absl::Status SimulatedIdentity::Show(const federation::PeerPin& pin,
                                     federation::WallTime now,
                                     federation::WallTime then) {
  const federation::PresentedChain presented = Presented(now);
  std::string whom = pin.account_id.ToBytes() + pin.root_spki_sha256;
  for (const std::string& root : pin.roots) whom += root;
  const auto known = shown_.find(whom);
  if (known != shown_.end() && then < known->second &&
      then >= leaf_.not_before) {
    return absl::OkStatus();
  }
  auto until = federation::VerifyPeer(pin, presented,
                                      federation::TlsSide::kServer, then);
  if (!until.ok()) return until.status();
  shown_[whom] = *until;
  return absl::OkStatus();
}

}  // namespace interlink::testing
