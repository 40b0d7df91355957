#include "federation/directory/lookups.h"

#include "federation/base/reason.h"
#include "federation/ledger/peer_record.h"

namespace interlink::federation {

Lookups::Lookups(const Directory& directory, LinkAccess& access,
                 const OwnCallTerms& call_terms, Counters& counters,
                 TraceLog& traces)
    : directory_(directory),
      access_(access),
      call_terms_(call_terms),
      counters_(counters),
      traces_(traces) {}

std::optional<absl::StatusOr<v1::LookupResponse>> Lookups::Answer(
    const PeerCaller& caller, const v1::LookupRequest& request) const {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  if (!id) {
    CountRefusal(request.number());
    return LinkUnknownRefusal();
  }
  absl::Status why;
  const auto verdict = access_.Check(*id, caller.certificate, &why);
  if (verdict == LinkAccess::Verdict::kNotOpen) return std::nullopt;
  if (verdict == LinkAccess::Verdict::kNotPeer) {
    // A peer whose certificate has expired may know that. To anybody else
    // Admission says the same as of an id that does not exist.
    if (ReasonOf(why) != Reason::kNotPermitted) return std::nullopt;
    CountRefusal(request.number());
    return why;
  }
  return AnswerTraced(verdict, *id, request.number(), request.traceparent());
}

absl::StatusOr<v1::LookupResponse> Lookups::AnswerTraced(
    LinkAccess::Verdict verdict, store::InterlinkId id,
    const std::string& number, const std::string& traceparent) const {
  auto answer = AnswerAs(verdict, id, number);
  if (!answer.ok()) CountRefusal(number);
  if (!traceparent.empty() && verdict != LinkAccess::Verdict::kNotOpen) {
    traces_.NotePeer(id, access_.NameOf(id), traceparent, answer);
  }
  return answer;
}

absl::StatusOr<v1::LookupResponse> Lookups::AnswerAs(
    LinkAccess::Verdict verdict, store::InterlinkId id,
    const std::string& number) const {
  switch (verdict) {
    case LinkAccess::Verdict::kPeer:
      return Find(id, number);
    case LinkAccess::Verdict::kPaused:
      return Refusal(Reason::kLinkPaused,
                     "this account's administrator has paused the "
                     "interlink; ask for it to be resumed");
    case LinkAccess::Verdict::kRateLimited:
      return RetryAfter(
          Refusal(
              Reason::kRateLimited,
              "too many lookups over this interlink; ask again in a second, "
              "or have --lookup-limit of this account raised"),
          std::chrono::seconds(1));
    default:
      return LinkUnknownRefusal();
  }
}

absl::StatusOr<v1::LookupResponse> Lookups::AnswerKnown(
    store::InterlinkId id, const std::string& number,
    const std::string& traceparent) const {
  return AnswerTraced(access_.CheckKnown(id), id, number, traceparent);
}

absl::StatusOr<v1::LookupResponse> Lookups::Find(
    store::InterlinkId id, const std::string& digits) const {
  v1::LookupResponse response;
  if (digits.empty()) {
    ++counters_.pings_received;
    return response;
  }
  const auto number = store::InternalNumber::Parse(digits);
  if (!number) {
    return Refusal(Reason::kNumberInvalid,
                   "a number has 1 to 15 digits and nothing else");
  }
  auto shared = directory_.FindShared(*number);
  if (!shared) {
    ++counters_.lookups_missed;
    return response;
  }
  ++counters_.lookups_found;
  v1::LookupResponse::Entry& entry = *response.mutable_entry();
  entry.set_name(std::move(shared->name));
  entry.set_contact(shared->contact.empty() ? access_.Contact()
                                            : std::move(shared->contact));
  *response.mutable_call_terms() = call_terms_.For(id);
  return response;
}

void Lookups::CountRefusal(const std::string& number) const {
  if (!number.empty()) ++counters_.lookups_refused;
}

}  // namespace interlink::federation
