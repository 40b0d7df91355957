#include "federation/linking/admission.h"

#include <utility>

#include "federation/base/reason.h"
#include "federation/identity/certificate.h"
#include "federation/identity/peer_verification.h"
#include "federation/identity/pins.h"
#include "federation/ledger/peer_record.h"
#include "federation/linking/link_key.h"

namespace interlink::federation {
namespace {

// The root that the key's hash names, among what the caller presented.
std::string PresentedRoot(const PresentedChain& chain,
                          const std::string& spki_sha256) {
  auto certificates = Certificate::ListFromPem(chain.chain_pem);
  if (!certificates.ok()) return "";
  for (const Certificate& certificate : *certificates) {
    if (certificate.SpkiSha256() == spki_sha256) return certificate.ToDer();
  }
  return "";
}

}  // namespace

void Admission::Decide(const PeerCaller& caller,
                       const std::string& interlink_id,
                       const std::string& redeemed_proof,
                       const ReplacedIds& replaced, Decisions::Done done) {
  const auto id = store::InterlinkId::FromBytes(interlink_id);
  if (!id) return done(LinkUnknownRefusal());
  // The same work for every id, because its time would tell which ones exist.
  const Row* row = ledger_.interlinks().Find(*id);
  auto tombstone = ledger_.interlinks().FindTombstone(*id);
  if (!tombstone.ok()) return done(tombstone.status());
  const store::v1::Peer nobody;
  const store::v1::Peer& peer = row != nullptr ? row->record.peer()
                                : *tombstone   ? (*tombstone)->peer()
                                               : nobody;
  const absl::Status verified = VerifyPeer(PinOf(peer), caller.certificate,
                                           TlsSide::kClient, ledger_.WallNow())
                                    .status();
  const Row no_row;
  const bool has_proof =
      !redeemed_proof.empty() &&
      HasRedeemedProof(row != nullptr ? *row : no_row,
                       NamedAccount(caller.certificate), redeemed_proof);
  if (has_proof && row != nullptr && row->Is(store::v1::ROW_STATE_PENDING)) {
    restoration_.RevokeUsedKey(
        *id, [done = std::move(done)](const absl::Status& status) mutable {
          done(status.ok() ? LinkUnknownRefusal() : status);
        });
    return;
  }
  // Only the peer itself comes so far that its dates count.
  if (ReasonOf(verified) == Reason::kNotPermitted) return done(verified);
  if (!verified.ok()) return done(LinkUnknownRefusal());
  if (row != nullptr) {
    return DecideForPeer(*row, caller, replaced, std::move(done));
  }
  done(Refusal(Reason::kLinkTerminated,
               "this interlink was deleted; to be linked again, exchange a "
               "new key"));
}

void Admission::DecideForPeer(const Row& row, const PeerCaller& caller,
                              const ReplacedIds& replaced,
                              Decisions::Done done) {
  if (!row.Is(store::v1::ROW_STATE_LINKING)) return done(CheckStands(row.id));
  settlement_.EstablishByCall(
      row.id,
      PresentedRoot(caller.certificate, row.record.peer().root_spki_sha256()),
      replaced,
      [this, id = row.id,
       done = std::move(done)](const absl::Status& status) mutable {
        if (!status.ok()) return done(status);
        // Deleted meanwhile. LINK_UNKNOWN would have the peer show an orphan;
        // at the next call it hears what has become of the link.
        const bool is_gone = ledger_.interlinks().Find(id) == nullptr;
        done(is_gone ? absl::UnavailableError("the interlink is being changed")
                     : CheckStands(id));
      });
}

absl::Status Admission::CheckStands(store::InterlinkId id) const {
  const Row* row = ledger_.interlinks().Find(id);
  return row != nullptr && row->Is(store::v1::ROW_STATE_ESTABLISHED)
             ? absl::OkStatus()
             : LinkUnknownRefusal();
}

}  // namespace interlink::federation
