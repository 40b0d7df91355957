#include "federation/lookups.h"

#include "federation/names.h"
#include "federation/pins.h"
#include "federation/reason.h"

namespace interlink::federation {
namespace {

absl::Status Unknown() {
  return Refusal(Reason::kLinkUnknown,
                 "this account has no such interlink with the caller");
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
    // link.
    return Count(ReasonOf(why) == Reason::kNotPermitted ? why : Unknown());
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
                           "interlink"));
    case LinkAccess::Verdict::kRateLimited:
      return Count(RetryAfter(
          Refusal(Reason::kRateLimited, "too many lookups over this interlink"),
          std::chrono::seconds(1)));
    default:
      return Count(Unknown());
  }
}

absl::StatusOr<v1::LookupResponse> Lookups::AnswerKnown(
    store::InterlinkId id, const std::string& number) {
  return AnswerAs(access_.CheckKnown(id), number);
}

absl::Status Lookups::Admit(const PeerCaller& caller, store::InterlinkId id) {
  v1::LookupRequest request;
  request.set_interlink_id(id.ToBytes());
  const absl::Status status = Decide(caller, request).status();
  const auto reason = ReasonOf(status);
  const bool is_peer = reason == Reason::kLinkPaused;
  return is_peer ? absl::OkStatus() : status;
}

absl::StatusOr<v1::LookupResponse> Lookups::Decide(
    const PeerCaller& caller, const v1::LookupRequest& request) {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  if (!id) return Unknown();
  const Row* row = context_.interlinks.Find(*id);
  if (row == nullptr) return DecideGone(*id, caller);
  if (row->Is(store::v1::ROW_STATE_LINKING)) {
    const PeerPin pin = PinOf(row->record.peer());
    auto until = VerifyPeer(pin, caller.certificate, TlsSide::kClient,
                            context_.loop.WallNow());
    if (!until.ok()) {
      return Count(Refusal(Reason::kNotPermitted, SentenceOf(until.status())));
    }
    auto status = redeemer_.EstablishByCall(
        *id, PresentedRoot(caller.certificate, pin.root_spki_sha256));
    if (!status.ok()) return status;
    return Find(request.number());
  }
  if (row->Is(store::v1::ROW_STATE_PENDING)) {
    auto status = restoration_.VoidUsedKey(*row);
    return status.ok() ? Count(Unknown()) : status;
  }
  // It may have been established since Answer() looked.
  if (row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    auto answer = Answer(caller, request);
    if (answer) return *std::move(answer);
  }
  return Count(Unknown());
}

absl::StatusOr<v1::LookupResponse> Lookups::DecideGone(
    store::InterlinkId id, const PeerCaller& caller) const {
  auto tombstone = context_.interlinks.FindTombstone(id);
  if (!tombstone.ok()) return tombstone.status();
  if (!*tombstone ||
      !VerifyPeer(PinOf((*tombstone)->peer()), caller.certificate,
                  TlsSide::kClient, context_.loop.WallNow())
           .ok()) {
    return Count(Unknown());
  }
  return Count(Refusal(Reason::kLinkTerminated,
                       "this interlink was deleted; to be linked again, "
                       "exchange a new key"));
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
