#include "daemon/sip/sip_answer.h"

namespace interlink::daemon {
namespace {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 100:
      return "Trying";
    case 200:
      return "OK";
    case 302:
      return "Moved Temporarily";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 416:
      return "Unsupported URI Scheme";
    case 420:
      return "Bad Extension";
    case 480:
      return "Temporarily Unavailable";
    case 481:
      return "Call/Transaction Does Not Exist";
    case 483:
      return "Too Many Hops";
    case 487:
      return "Request Terminated";
    case 503:
      return "Service Unavailable";
    case 505:
      return "Version Not Supported";
    default:
      return "Server Internal Error";
  }
}

void AddField(std::string_view name, std::string_view value,
              std::string& text) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string ToText(const SipAnswer& answer, const SipRequest& request,
                   const SipSource& source, std::string_view to_tag) {
  std::string text;
  text.reserve(512);
  text.append("SIP/2.0 ").append(std::to_string(answer.status)).append(" ");
  text.append(ReasonPhrase(answer.status)).append("\r\n");
  AddField("Via", request.via.ToText(source), text);
  for (const std::string& via : request.later_vias) AddField("Via", via, text);
  AddField("From", request.from, text);
  const bool gets_tag = answer.status > 100 && !request.has_to_tag;
  AddField("To",
           gets_tag ? request.to + ";tag=" + std::string(to_tag) : request.to,
           text);
  AddField("Call-ID", request.call_id, text);
  AddField("CSeq", request.cseq, text);
  if (answer.status == 100 && !request.timestamp.empty()) {
    AddField("Timestamp", request.timestamp, text);
  }
  for (const std::string& field : answer.fields) {
    text.append(field).append("\r\n");
  }
  return text.append("Content-Length: 0\r\n\r\n");
}

std::string Plain(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if ((c >= 0 && c < ' ') || c == 0x7f) c = '?';
  }
  return plain;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : Plain(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace interlink::daemon
