#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/sip/sip_request.h"
#include "daemon/sip/sip_source.h"

namespace interlink::daemon {

// What a request is answered, apart from what every answer repeats of its
// request. A value.
struct SipAnswer {
  int status = 500;
  // Header fields of this answer, such as "Contact: <sip:100@pbx>".
  std::vector<std::string> fields;

  bool operator==(const SipAnswer&) const = default;
};

// The answer as it is sent (RFC 3261 section 8.2.6). A final answer to a
// request without a To tag gets `to_tag`.
std::string ToText(const SipAnswer& answer, const SipRequest& request,
                   const SipSource& source, std::string_view to_tag);

// `text` as the value of a header field: what would end or hide it becomes "?",
// and UTF-8 stays as it is (RFC 3261 section 25.1, TEXT-UTF8).
std::string Plain(std::string_view text);

// `text` as a quoted string of RFC 3261; what cannot be quoted becomes "?".
std::string Quoted(std::string_view text);

}  // namespace interlink::daemon
