#include "federation/base/address.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "federation/base/ip_address.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr size_t kMaxAddressBytes = 261;  // A DNS name and a port.

// 0 if `text` is no port.
uint32_t PortIn(std::string_view text) {
  uint32_t port = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_port =
      error == std::errc() && end == text.data() + text.size() && port <= 65535;
  return is_port ? port : 0;
}

}  // namespace

std::optional<HostPort> SplitHostPort(std::string_view text) {
  const size_t bracket = text.find(']');
  const size_t colon =
      text.find(':', bracket == text.npos ? size_t{0} : bracket);
  auto host = Host::Parse(text.substr(0, colon));
  const uint32_t port = colon == text.npos ? 0 : PortIn(text.substr(colon + 1));
  if (!host.ok() || (colon != text.npos && port == 0)) return std::nullopt;
  return HostPort{*std::move(host), port};
}

absl::Status CheckAddress(std::string_view address) {
  const auto parts = address.size() <= kMaxAddressBytes ? SplitHostPort(address)
                                                        : std::nullopt;
  if (!parts || parts->port == 0) {
    return Refusal(Reason::kRequestInvalid,
                   "an address is HOST:PORT, such as pbx.example.net:7443 or "
                   "[2001:db8::1]:7443");
  }
  return absl::OkStatus();
}

absl::Status CheckPeerAddress(std::string_view address) {
  if (auto status = CheckAddress(address); !status.ok()) return status;
  const auto why = WhyNobodyIsAt(SplitHostPort(address)->host.text());
  if (!why.empty()) {
    return Refusal(Reason::kRequestInvalid,
                   std::string(address) + " " + std::string(why) +
                       ", and nobody can be reached at it; name another");
  }
  return absl::OkStatus();
}

bool IsSameAddress(std::string_view one, std::string_view two) {
  const auto parts = SplitHostPort(one);
  return parts && parts == SplitHostPort(two);
}

}  // namespace interlink::federation
