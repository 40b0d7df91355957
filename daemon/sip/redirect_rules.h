#pragma once

#include <optional>
#include <string_view>

#include "daemon/sip/call_directory.h"
#include "daemon/sip/sip_answer.h"
#include "daemon/sip/sip_request.h"
#include "daemon/sip/sip_source.h"

// What a redirect server answers (RFC 3261 section 8.3, design.md section 17),
// as functions of the request and of what the account says. Never a 603, which
// would end a call that another PBX could take, and never a 302 without a
// Contact.
namespace interlink::daemon::redirect {

// What is answered to any request but an ACK or a CANCEL without asking the
// account. nullopt for an INVITE that is a call.
std::optional<SipAnswer> AnswerWithoutAsking(const SipRequest& request,
                                             bool is_serving);

// Whether the call comes from a peer, with a call token.
bool HasToken(const SipCall& call);

// The answer to a call whose target is known, or why there is none.
struct CallAnswer {
  SipAnswer answer;
  // Why no phone can be led to the target that the account names, which is
  // answered 404: a sentence for the administrator. Empty if one can.
  std::string_view why_unusable;
};
CallAnswer AnswerTo(const SipRequest& request, const SipSource& source,
                    const SipCall& call, const CallDirectory::Answer& target);

// The answer to a call about which too many peers are being asked, or were
// asked for too long.
SipAnswer NotKnownNow();

}  // namespace interlink::daemon::redirect
