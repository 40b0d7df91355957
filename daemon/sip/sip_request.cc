#include "daemon/sip/sip_request.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/match.h"
#include "daemon/sip/osip.h"

namespace interlink::daemon {
namespace {

using Name = MessageHead::Name;

constexpr size_t kMostForwards = 255;
constexpr size_t kMostCSeq = 0x7fffffff;

// Longer ones are no numbers of a PBX.
constexpr size_t kMostCallingDigits = 32;

bool IsCallingNumber(std::string_view text) {
  return !text.empty() && text.size() <= kMostCallingDigits &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsSipScheme(const char* scheme) {
  return scheme != nullptr && (absl::EqualsIgnoreCase(scheme, "sip") ||
                               absl::EqualsIgnoreCase(scheme, "sips"));
}

// Each % is followed by two hex digits, and none stands for NUL: the library
// would end the text there.
bool HasGoodEscapes(std::string_view uri) {
  for (size_t at = uri.find('%'); at != uri.npos; at = uri.find('%', at + 1)) {
    const std::string_view code = uri.substr(at + 1, 2);
    if (code.size() < 2 || code == "00" ||
        !std::all_of(code.begin(), code.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; })) {
      return false;
    }
  }
  return true;
}

std::string TagOf(osip_from_t& address) {
  osip_generic_param_t* tag = nullptr;
  char name[] = "tag";
  osip_uri_param_get_byname(&address.gen_params, name, &tag);
  return tag != nullptr ? osip::TextOf(tag->gvalue) : "";
}

// The number in an address such as `"Alice" <sip:100@pbx>` or `<tel:100>`.
std::string NumberIn(const osip_uri_t& uri) {
  const std::string number = IsSipScheme(uri.scheme)
                                 ? osip::TextOf(uri.username)
                                 : osip::TextOf(uri.string);
  return IsCallingNumber(number) ? number : "";
}

}  // namespace

// Fills one request from one head.
struct SipRequest::Reader {
  const MessageHead& head;
  SipRequest& request;

  void Refuse(std::string_view why) {
    if (request.fault.empty()) request.fault = why;
  }

  // The one value of a field that may be there once.
  std::string_view Value(Name name) {
    bool is_repeated = false;
    const auto value = head.Find(name, is_repeated);
    if (is_repeated) Refuse("a header field that stands once is repeated");
    return value.value_or("");
  }

  // False if it is no request at all.
  bool ReadStartLine() {
    const std::string_view line = head.start_line();
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == 0 || first == line.npos || line.starts_with("SIP/")) {
      return false;
    }
    request.method = line.substr(0, first);
    const std::string version(line.substr(last + 1));
    if (absl::StartsWithIgnoreCase(version, "SIP/")) {
      request.is_sip_2_0 = absl::EqualsIgnoreCase(version, "SIP/2.0");
    } else {
      Refuse("the request line does not end with SIP/2.0");
    }
    ReadUri(first < last ? line.substr(first + 1, last - first - 1) : "");
    return true;
  }

  void ReadUri(std::string_view text) {
    request.uri_ = text;
    const bool has_space = text.find_first_of(" \t<>\"") != text.npos;
    const osip::Uri uri = has_space ? nullptr : osip::ParseUri(text);
    if (uri == nullptr) return Refuse("the request URI is none");
    request.has_sip_uri = IsSipScheme(uri->scheme);
    if (!request.has_sip_uri) return;
    if (!HasGoodEscapes(text))
      return Refuse("the request URI has a bad escape");
    if (text.find('?', text.find('@') + 1) != text.npos) {
      return Refuse("the request URI has headers");
    }
    request.user = osip::TextOf(uri->username);
  }

  // False if there is no good one.
  bool ReadVias() {
    bool is_first = true;
    for (const MessageHead::Field& field : head.fields()) {
      if (field.name != Name::kVia) continue;
      for (const std::string_view value : SplitValues(field.value)) {
        if (!std::exchange(is_first, false)) {
          if (value.empty()) Refuse("a Via has no value");
          if (!value.empty()) request.later_vias.emplace_back(value);
          continue;
        }
        auto via = TopVia::Parse(std::string(value));
        if (!via) return false;
        request.via = *std::move(via);
      }
    }
    return !is_first;
  }

  void ReadAddresses() {
    request.from = Value(Name::kFrom);
    request.to = Value(Name::kTo);
    const auto to = osip::ParseNameAddress(request.to);
    const auto from = osip::ParseNameAddress(request.from);
    if (to == nullptr) return Refuse("To has no address");
    if (from == nullptr) return Refuse("From has no address");
    request.has_to_tag = !TagOf(*to).empty();
    request.from_tag_ = TagOf(*from);
    bool is_repeated = false;  // It may be: one of sip and one of tel.
    const auto asserted = head.Find(Name::kPAssertedIdentity, is_repeated);
    if (!asserted) {
      request.calling_number = NumberIn(*from->url);
    } else if (const auto identity =
                   osip::ParseNameAddress(SplitValues(*asserted).front())) {
      request.calling_number = NumberIn(*identity->url);
    }
  }

  void ReadCSeq() {
    request.cseq = Value(Name::kCSeq);
    const auto cseq = osip::ParseCSeq(request.cseq);
    const auto number = ParseCount(
        cseq == nullptr ? "" : osip::TextOf(cseq->number), kMostCSeq);
    if (!number) return Refuse("CSeq has no number below 2147483648");
    request.cseq_number_ = std::to_string(*number);
    if (osip::TextOf(cseq->method) != request.method) {
      Refuse("CSeq names another method than the request line");
    }
  }

  void ReadOptional() {
    if (const auto text = Value(Name::kMaxForwards); !text.empty()) {
      request.max_forwards = ParseCount(text, kMostForwards);
      if (!request.max_forwards) Refuse("Max-Forwards is not from 0 to 255");
    }
    request.timestamp = Value(Name::kTimestamp);
    for (const MessageHead::Field& field : head.fields()) {
      if (field.name != Name::kRequire) continue;
      for (const std::string_view option : SplitValues(field.value)) {
        if (!option.empty()) request.required.emplace_back(option);
      }
    }
  }

  void ReadLength(size_t body_bytes, bool is_stream) {
    bool is_repeated = false;
    const auto text = head.Find(Name::kContentLength, is_repeated);
    if (!text && is_stream) Refuse("Content-Length is missing");
    if (!text) return;
    if (is_repeated || !ParseCount(*text, body_bytes)) {
      Refuse("Content-Length is not the length of what follows");
    }
  }
};

std::optional<SipRequest> SipRequest::Parse(const MessageHead& head,
                                            size_t body_bytes, bool is_stream) {
  SipRequest request;
  Reader reader{head, request};
  if (!reader.ReadStartLine() || !reader.ReadVias()) return std::nullopt;
  reader.ReadAddresses();
  request.call_id = reader.Value(Name::kCallId);
  reader.ReadCSeq();
  // Nobody could tell which request such an answer is for.
  if (request.from.empty() || request.to.empty() || request.call_id.empty() ||
      request.cseq.empty()) {
    return std::nullopt;
  }
  reader.ReadOptional();
  reader.ReadLength(body_bytes, is_stream);
  reader.Refuse(head.fault());
  return request;
}

// A branch alone does not tell requests apart: a proxy without state may give
// the same one to all (Kamailio's forward()), and then whoever calls through it
// chooses the rest.
std::string SipRequest::TransactionKey() const {
  const bool is_of_invite = method == "ACK" || method == "CANCEL";
  std::string key(is_of_invite ? "INVITE" : method);
  for (const std::string_view part :
       {std::string_view(uri_), via.branch(), std::string_view(via.sent_by()),
        std::string_view(call_id), std::string_view(from_tag_),
        std::string_view(cseq_number_)}) {
    key.append("\n").append(part);
  }
  return key;
}

}  // namespace interlink::daemon
