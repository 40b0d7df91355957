#include "daemon/http/browser_rule.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "absl/strings/match.h"

namespace interlink::daemon {
namespace {

using federation::Reason;

bool AreDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == text.npos;
}

// The host of "host", "host:port" or "[address]:port"; empty if it is neither.
std::string_view HostOf(std::string_view authority) {
  const size_t end = authority.starts_with('[') ? authority.find(']') + 1
                                                : authority.find(':');
  const std::string_view host = authority.substr(0, end);
  const std::string_view rest = authority.substr(host.size());
  const bool has_port = rest.starts_with(':') && AreDigits(rest.substr(1));
  return rest.empty() || has_port ? host : std::string_view();
}

bool IsAddress(std::string_view host) {
  boost::system::error_code error;
  if (host.starts_with('[') && host.ends_with(']')) {
    boost::asio::ip::make_address_v6(
        std::string(host.substr(1, host.size() - 2)), error);
  } else {
    boost::asio::ip::make_address_v4(std::string(host), error);
  }
  return !error;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase({a.data(), a.size()}, {b.data(), b.size()});
}

}  // namespace

BrowserRule::BrowserRule(std::vector<federation::Host> names)
    : names_(std::move(names)) {}

std::optional<HttpRefusal> BrowserRule::Check(const Headers& headers) const {
  if (headers.has_origin || headers.sec_fetch_site.value_or("none") != "none") {
    return HttpRefusal{403, Reason::kNotPermitted,
                       "a web page may not ask this daemon anything"};
  }
  // HTTP/1.0 knows no Host; no browser speaks it.
  if (headers.host && !IsOurs(HostOf(*headers.host))) {
    return HttpRefusal{403, Reason::kNotPermitted,
                       "use an IP address or localhost, or give the daemon "
                       "this host name with --pbx-http-host"};
  }
  return std::nullopt;
}

bool BrowserRule::IsOurs(std::string_view host) const {
  return EqualsIgnoringCase(host, "localhost") || IsAddress(host) ||
         std::any_of(names_.begin(), names_.end(),
                     [host](const federation::Host& name) {
                       return EqualsIgnoringCase(host, name.text());
                     });
}

}  // namespace interlink::daemon
