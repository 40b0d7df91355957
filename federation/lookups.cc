#include "federation/lookups.h"

#include "federation/names.h"
#include "federation/pairing.h"
#include "federation/pins.h"
#include "federation/reason.h"

namespace interlink::federation {
namespace {

absl::Status Unknown() {
  return Refusal(Reason::kLinkUnknown,
                 "this account has no such interlink with the caller; if there "
                 "was one, delete it and exchange a new key");
}

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

Lookups::Lookups(const Context& context, const Directory& directory,
                 LinkAccess& access, KeyRedeemer& redeemer,
                 Restoration& restoration)
    : context_(context),
      directory_(directory),
      access_(access),
      redeemer_(redeemer),
      restoration_(restoration) {}

std::optional<absl::StatusOr<v1::LookupResponse>> Lookups::Answer(
    const PeerCaller& caller, const v1::LookupRequest& request) const {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  if (!id) return Unknown();
  absl::Status why;
  const auto verdict = access_.Check(*id, caller.certificate, &why);
  if (verdict == LinkAccess::Verdict::kNotOpen) return std::nullopt;
  if (verdict == LinkAccess::Verdict::kNotPeer) {
    // Whose dates alone are wrong may know; for anybody else there is no such
    // link, and Decide() says so, as of any other id.
    if (ReasonOf(why) != Reason::kNotPermitted) return std::nullopt;
    return Count(why);
  }
  return AnswerAs(verdict, request.number());
}

absl::StatusOr<v1::LookupResponse> Lookups::AnswerAs(
    LinkAccess::Verdict verdict, const std::string& number) const {
  switch (verdict) {
    case LinkAccess::Verdict::kPeer:
      return Find(number);
    case LinkAccess::Verdict::kPaused:
      return Count(Refusal(Reason::kLinkPaused,
                           "this account's administrator has paused the "
                           "interlink; ask for it to be resumed"));
    case LinkAccess::Verdict::kRateLimited:
      return Count(RetryAfter(
          Refusal(
              Reason::kRateLimited,
              "too many lookups over this interlink; ask again in a second, "
              "or have --lookup-limit of this account raised"),
          std::chrono::seconds(1)));
    default:
      return Count(Unknown());
  }
}

absl::StatusOr<v1::LookupResponse> Lookups::AnswerKnown(
    store::InterlinkId id, const std::string& number) {
  return AnswerAs(access_.CheckKnown(id), number);
}

absl::Status Lookups::Admit(const PeerCaller& caller, const v1::Hello& hello) {
  v1::LookupRequest request;
  request.set_interlink_id(hello.interlink_id());
  request.set_redeemed_proof(hello.redeemed_proof());
  auto answer = Answer(caller, request);
  const absl::Status status =
      answer ? answer->status() : Decide(caller, request).status();
  const auto reason = ReasonOf(status);
  const bool is_peer = reason == Reason::kLinkPaused;
  return is_peer ? absl::OkStatus() : status;
}

absl::StatusOr<v1::LookupResponse> Lookups::Decide(
    const PeerCaller& caller, const v1::LookupRequest& request) {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  if (!id) return Unknown();
  // The same work for every id, because its time would tell which ones exist.
  const Row* row = context_.interlinks.Find(*id);
  auto tombstone = context_.interlinks.FindTombstone(*id);
  if (!tombstone.ok()) return tombstone.status();
  const store::v1::Peer nobody;
  const store::v1::Peer& peer = row != nullptr ? row->record.peer()
                                : *tombstone   ? (*tombstone)->peer()
                                               : nobody;
  const absl::Status verified =
      VerifyPeer(PinOf(peer), caller.certificate, TlsSide::kClient,
                 context_.loop.WallNow())
          .status();
  const Row no_row;
  const bool has_proof = HasRedeemedProof(row != nullptr ? *row : no_row,
                                          NamedAccount(caller.certificate),
                                          request.redeemed_proof());
  if (has_proof && row != nullptr && row->Is(store::v1::ROW_STATE_PENDING)) {
    if (auto s = restoration_.VoidUsedKey(*row); !s.ok()) return s;
    return Count(Unknown());
  }
  // Only the peer itself comes so far that its dates count.
  if (ReasonOf(verified) == Reason::kNotPermitted) return Count(verified);
  if (!verified.ok()) return Count(Unknown());
  if (row != nullptr) return DecideForPeer(*row, caller, request);
  return Count(Refusal(Reason::kLinkTerminated,
                       "this interlink was deleted; to be linked again, "
                       "exchange a new key"));
}

absl::StatusOr<v1::LookupResponse> Lookups::DecideForPeer(
    const Row& row, const PeerCaller& caller,
    const v1::LookupRequest& request) {
  const store::InterlinkId id = row.id;
  if (row.Is(store::v1::ROW_STATE_LINKING)) {
    auto status = redeemer_.EstablishByCall(
        id, PresentedRoot(caller.certificate,
                          row.record.peer().root_spki_sha256()));
    if (!status.ok()) return Count(status);
  }
  // It may also have been established since Answer() looked.
  return AnswerAs(access_.CheckKnown(id), request.number());
}

absl::StatusOr<v1::LookupResponse> Lookups::Find(
    const std::string& digits) const {
  v1::LookupResponse response;
  if (digits.empty()) {
    ++context_.counters.pings_received;
    return response;
  }
  const auto number = store::InternalNumber::Parse(digits);
  if (!number) {
    return Count(Refusal(Reason::kNumberInvalid,
                         "a number has 1 to 15 digits and nothing else"));
  }
  auto shared = directory_.FindShared(*number);
  if (!shared) {
    ++context_.counters.lookups_missed;
    return response;
  }
  ++context_.counters.lookups_found;
  v1::LookupResponse::Entry& entry = *response.mutable_entry();
  entry.set_name(std::move(shared->name));
  entry.set_contact(shared->contact.empty() ? access_.Contact()
                                            : std::move(shared->contact));
  return response;
}

absl::Status Lookups::Count(absl::Status refusal) const {
  ++context_.counters.lookups_refused;
  return refusal;
}

}  // namespace interlink::federation
