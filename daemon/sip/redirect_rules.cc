#include "daemon/sip/redirect_rules.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "daemon/sip/contact.h"
#include "federation/base/reason.h"

namespace interlink::daemon::redirect {
namespace {

using federation::Reason;

constexpr char kTokenPrefix[] = "il-";
const char* const kAllow = "Allow: INVITE, ACK, CANCEL, OPTIONS";

SipAnswer WithReason(int status, std::string_view text) {
  return {status,
          {"Reason: SIP;cause=" + std::to_string(status) +
           ";text=" + Quoted(text)}};
}

SipAnswer Unsupported(const SipRequest& request) {
  std::string options;
  for (const std::string& option : request.required) {
    options += (options.empty() ? "" : ", ") + option;
  }
  return {420, {"Unsupported: " + options}};
}

// The status for an error of the API.
int StatusFor(const absl::Status& error) {
  switch (federation::ReasonOf(error).value_or(Reason::kStoreUnavailable)) {
    case Reason::kNumberInvalid:
    case Reason::kNumberNotFound:
      return 404;
    case Reason::kLookupIncomplete:
    case Reason::kRateLimited:
      return 480;
    case Reason::kStoreUnavailable:
      return 503;
    default:
      return 403;
  }
}

SipAnswer AnswerToError(const absl::Status& error) {
  const int status = StatusFor(error);
  if (status == 404 || status == 503) return {status, {}};
  return WithReason(status, std::string(error.message()));
}

// `has_uri`: whether a Contact can name the target.
std::string_view WhyUnusable(const SipCall& call,
                             const CallDirectory::Target& target,
                             bool has_uri) {
  if (target.is_local && target.uri.empty()) {
    return "this account has the number, but without a destination; set one "
           "with interlinkctl number set";
  }
  // These would come back here, and go round until somebody gives up.
  if (target.is_local && !HasToken(call) && target.uri == call.dialled) {
    return "the destination of this number is the number itself; set another "
           "with interlinkctl number set";
  }
  if (!has_uri) {
    return "the destination is no SIP URI, and no extension of at most 32 "
           "letters, digits and *#+._-";
  }
  return "";
}

}  // namespace

std::optional<SipAnswer> AnswerWithoutAsking(const SipRequest& request,
                                             bool is_serving) {
  if (!request.is_sip_2_0) return SipAnswer{505, {}};
  if (!request.fault.empty()) return WithReason(400, request.fault);
  const bool is_call = request.method == "INVITE";
  if (!is_call && request.method != "OPTIONS") return SipAnswer{405, {kAllow}};
  if (!request.has_sip_uri) return SipAnswer{416, {}};
  if (!request.required.empty()) return Unsupported(request);
  if (!is_serving) return SipAnswer{503, {}};
  if (!is_call) return SipAnswer{200, {kAllow}};
  if (request.max_forwards == 0U) return SipAnswer{483, {}};
  if (request.has_to_tag) return SipAnswer{481, {}};
  return std::nullopt;
}

bool HasToken(const SipCall& call) {
  return absl::StartsWithIgnoreCase(call.dialled, kTokenPrefix);
}

CallAnswer AnswerTo(const SipRequest& request, const SipSource& source,
                    const SipCall& call, const CallDirectory::Answer& target) {
  if (!target.ok()) return {AnswerToError(target.status()), ""};
  const auto uri = ContactUri(target->uri, request.via, source);
  const std::string_view why = WhyUnusable(call, *target, uri.has_value());
  if (!why.empty()) {
    return {WithReason(404, "NUMBER_NOT_FOUND: " + std::string(why)), why};
  }
  std::string contact = "Contact: <" + *uri + ">";
  if (target->holds_for && target->holds_for->count() > 0) {
    contact += ";expires=" + std::to_string(target->holds_for->count());
  }
  SipAnswer answer{302, {std::move(contact)}};
  // As the HTTP door says them: so a PBX that shows them asks once, and a token
  // stays good for as many calls.
  if (!target->interlink_name.empty()) {
    answer.fields.push_back("X-Interlink-Name: " +
                            Plain(target->interlink_name));
    answer.fields.push_back("X-Interlink-Number: " + target->number);
  }
  return {std::move(answer), ""};
}

SipAnswer NotKnownNow() {
  return WithReason(480,
                    "LOOKUP_INCOMPLETE: linked accounts that may have the "
                    "number have not answered; try again");
}

}  // namespace interlink::daemon::redirect
