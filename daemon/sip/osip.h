#pragma once

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_uri.h>

#include <memory>
#include <string>
#include <string_view>

// libosip2's parsers of single header values, with owners. They are plain
// functions of their argument: no table, no lock, any thread. Its parser of
// whole messages is not used: it needs global tables, and reads bodies and
// header fields that nobody here needs (CVE-2022-41550 was in its bodies).
//
// They take C strings, so a value with a NUL is refused before.
namespace interlink::daemon::osip {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* value) const {
    kFree(value);
  }
};

using Uri = std::unique_ptr<osip_uri_t, Freed<osip_uri_free>>;
using Via = std::unique_ptr<osip_via_t, Freed<osip_via_free>>;
using NameAddress = std::unique_ptr<osip_from_t, Freed<osip_from_free>>;
using CSeq = std::unique_ptr<osip_cseq_t, Freed<osip_cseq_free>>;

// nullptr if `text` is none.
template <class Owner, auto kInit, auto kParse>
Owner Parse(std::string_view text) {
  if (text.find('\0') != text.npos) return nullptr;
  typename Owner::pointer made = nullptr;
  if (kInit(&made) != OSIP_SUCCESS) return nullptr;
  Owner owner(made);
  return kParse(made, std::string(text).c_str()) == OSIP_SUCCESS
             ? std::move(owner)
             : nullptr;
}

inline Uri ParseUri(std::string_view text) {
  return Parse<Uri, osip_uri_init, osip_uri_parse>(text);
}
inline Via ParseVia(std::string_view text) {
  return Parse<Via, osip_via_init, osip_via_parse>(text);
}
// A value of From, To or P-Asserted-Identity; it has a URI.
inline NameAddress ParseNameAddress(std::string_view text) {
  auto parsed = Parse<NameAddress, osip_from_init, osip_from_parse>(text);
  return parsed != nullptr && parsed->url != nullptr ? std::move(parsed)
                                                     : nullptr;
}
inline CSeq ParseCSeq(std::string_view text) {
  return Parse<CSeq, osip_cseq_init, osip_cseq_parse>(text);
}

// A text of the library, which may be missing.
inline std::string TextOf(const char* text) {
  return text != nullptr ? text : "";
}

}  // namespace interlink::daemon::osip
