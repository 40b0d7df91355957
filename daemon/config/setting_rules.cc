#include "daemon/config/setting_rules.h"

#include <grp.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/time_span.h"
#include "daemon/config/usual_paths.h"
#include "federation/base/address.h"
#include "federation/base/contact_template.h"
#include "federation/base/ip_address.h"
#include "federation/base/names.h"

namespace interlink::daemon::rule {
namespace {

// The message of a refusal without its reason ("NAME_INVALID: ").
std::string Words(const absl::Status& status) {
  const std::string text(status.message());
  const size_t colon = text.find(": ");
  return colon == text.npos ? text : text.substr(colon + 2);
}

absl::Status IsNeither(const std::string& value, const std::string& what) {
  return absl::InvalidArgumentError("\"" + federation::ShownSentence(value) +
                                    "\" is neither " + what);
}

// `what` says which text it may be. The system would listen at 224.0.0.1, where
// nobody can be reached, as well as at 0.0.0.0.
absl::Status CheckListenAddress(const std::string& value,
                                const std::string& what) {
  const size_t colon = value.rfind(':');
  if (const std::string port =
          colon != value.npos ? value.substr(colon + 1) : "";
      !port.empty() && port.find_first_not_of("0123456789") == port.npos &&
      (port.size() > 5 || std::stoi(port) > 65535)) {
    return absl::InvalidArgumentError(
        "the port " + federation::ShownSentence(port) +
        " is not from 0 to 65535 (0 lets the system choose)");
  }
  const auto host = federation::Host::Parse(value.substr(0, colon));
  const bool has_port_0 = colon != value.npos && value.substr(colon) == ":0";
  const bool is_address = federation::CheckAddress(value).ok();
  if (!host.ok() || !(has_port_0 || is_address)) return IsNot(value, what);
  const auto why = federation::WhyNobodyIsAt(host->text());
  if (why.empty() || host->IsUnspecified()) return absl::OkStatus();
  return absl::InvalidArgumentError(value + " " + std::string(why) +
                                    ", and nobody can be reached at it");
}

}  // namespace

absl::Status IsNot(const std::string& value, const std::string& what) {
  return absl::InvalidArgumentError("\"" + federation::ShownSentence(value) +
                                    "\" is not " + what);
}

absl::Status Path(std::string& value) {
  if (value.empty()) return IsNot(value, "a path");
  while (value.size() > 1 && value.back() == '/') value.pop_back();
  return absl::OkStatus();
}

absl::Status SocketPath(std::string& value) {
  value = WithoutUnixScheme(value);
  if (value.empty() || value.back() == '/') {
    return IsNot(value, "the path of a socket, such as /run/pbx/api.sock");
  }
  return absl::OkStatus();
}

absl::Status ListenAddress(std::string& value) {
  return CheckListenAddress(value,
                            "HOST:PORT; the port 0 lets the system choose");
}

absl::Status ListenAddressOrNone(std::string& value) {
  if (value == "none") return absl::OkStatus();
  return CheckListenAddress(value, "HOST:PORT or none");
}

absl::Status Advertised(std::string& value) {
  if (value == "none") return absl::OkStatus();
  if (!federation::CheckAddress(value).ok()) {
    return IsNeither(value,
                     "HOST:PORT, such as pbx.example.net:7443, nor none");
  }
  const absl::Status status = federation::CheckPeerAddress(value);
  return status.ok() ? status : absl::InvalidArgumentError(Words(status));
}

absl::Status AccountName(std::string& value) {
  const auto name = federation::ParseName(value, "it");
  return name.ok() ? absl::OkStatus()
                   : IsNot(value, "1 to 64 characters of text: " +
                                      Words(name.status()));
}

absl::Status Contact(std::string& value) {
  const auto contact = federation::ContactTemplate::Parse(value);
  if (contact.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "\"" + federation::ShownSentence(value) +
      "\": " + std::string(contact.status().message()));
}

absl::Status LogFormat(std::string& value) {
  if (value == "json" || value == "text") return absl::OkStatus();
  return IsNot(value, "json or text");
}

absl::Status LogLevel(std::string& value) {
  constexpr const char* kLevels[] = {"trace", "debug", "info", "warn", "error"};
  if (std::count(std::begin(kLevels), std::end(kLevels), value) > 0) {
    return absl::OkStatus();
  }
  return IsNot(value, "trace, debug, info, warn or error");
}

absl::StatusOr<federation::Host> ContactHost(const std::string& value) {
  auto host = federation::Host::Parse(value);
  if (host.ok()) return host;
  return IsNot(value, "a host, such as pbx.example.net or [2001:db8::1]: " +
                          std::string(host.status().message()));
}

absl::StatusOr<AddressRange> Network(const std::string& value) {
  const auto range = AddressRange::Parse(value);
  if (range) return *range;
  return IsNot(value, "an address or a network, such as 192.0.2.0/24");
}

absl::StatusOr<store::InternalNumber> Number(const std::string& value) {
  const auto number = store::InternalNumber::Parse(value);
  if (number) return *number;
  return IsNot(value, "1 to 15 digits");
}

absl::StatusOr<gid_t> Group(const std::string& value) {
  std::vector<char> buffer(64 * 1024);
  group entry{};
  group* found = nullptr;
  const int error =
      getgrnam_r(value.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  gid_t number = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  // To chown(), the highest number means no change.
  if (read.ec == std::errc() && read.ptr == end && number != UINT_MAX) {
    return number;
  }
  return IsNot(value, error == 0 || error == ENOENT
                          ? "a group of this machine, by name or number"
                          : "a group that can be looked up now");
}

absl::StatusOr<int> Seconds(const std::string& value) {
  constexpr int kMost = 30 * 86'400;
  const auto plain = WholeNumber(value, 0, kMost);
  if (plain.ok()) return plain;
  const auto span = ParseTimeSpan(value);
  if (span && span->count() <= kMost) return static_cast<int>(span->count());
  return IsNot(value, "a time of up to 30 days, in seconds or such as 30m, 1h");
}

absl::StatusOr<int> WholeNumber(const std::string& value, int least, int most) {
  int number = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (read.ec == std::errc() && read.ptr == end && number >= least &&
      number <= most) {
    return number;
  }
  return IsNot(value, "a whole number from " + std::to_string(least) + " to " +
                          std::to_string(most));
}

}  // namespace interlink::daemon::rule
