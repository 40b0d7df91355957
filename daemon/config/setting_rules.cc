#include "daemon/config/setting_rules.h"

#include <grp.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <string_view>
#include <vector>

#include "daemon/config/likely_word.h"
#include "daemon/config/time_span.h"
#include "daemon/config/usual_paths.h"
#include "federation/base/address.h"
#include "federation/base/contact_template.h"
#include "federation/base/ip_address.h"
#include "federation/base/names.h"
#include "federation/base/settings.h"

namespace interlink::daemon::rule {
namespace {

// The message of a refusal without its reason ("NAME_INVALID: ").
std::string Words(const absl::Status& status) {
  const std::string text(status.message());
  const size_t colon = text.find(": ");
  return colon == text.npos ? text : text.substr(colon + 2);
}

absl::Status IsNeither(const std::string& value, const std::string& what) {
  return absl::InvalidArgumentError(federation::QuotedText(value) +
                                    " is neither " + what);
}

// `words` in the order in which the sentence names them.
absl::Status IsOneOf(const std::vector<std::string>& words,
                     const std::string& value) {
  if (std::find(words.begin(), words.end(), value) != words.end()) {
    return absl::OkStatus();
  }
  std::string all;
  for (const std::string& word : words) {
    all += (word == words.front()  ? ""
            : word == words.back() ? " or "
                                   : ", ") +
           word;
  }
  return IsNot(value, all + AskIfMeant(LikelyWordOrPart(value, words)));
}

bool IsPort(const std::string& text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == text.npos &&
         std::stoi(text) <= 65535;
}

// Addresses that could stand in the place of `text`, which is none.
std::string AddressesLike(const std::string& text) {
  const std::string port = text.starts_with(':') ? text.substr(1) : text;
  if (!IsPort(port)) {
    return ", such as 127.0.0.1:0; the port 0 lets the system choose";
  }
  return ", such as 127.0.0.1:" + port +
         " for this machine alone, or 0.0.0.0:" + port +
         " for all of its networks";
}

// `what` ends the sentence that refuses another text. Multicast addresses are
// refused too: the system would listen at 224.0.0.1, but nobody can be reached
// there.
absl::Status CheckListenAddress(const std::string& value,
                                const std::string& what) {
  const size_t colon = value.rfind(':');
  const std::string port = colon != value.npos ? value.substr(colon + 1) : "";
  if (!port.empty() && port.find_first_not_of("0123456789") == port.npos &&
      !IsPort(port)) {
    return absl::InvalidArgumentError(
        "the port " + federation::ShownSentence(port) +
        " is not from 0 to 65535 (0 lets the system choose)");
  }
  // No peer has the port 0, so an address with it is split without it.
  const bool has_port_0 = port == "0";
  const auto parts =
      federation::SplitHostPort(has_port_0 ? value.substr(0, colon) : value);
  if (!parts || has_port_0 != (parts->port == 0)) {
    return IsNot(value, what + AddressesLike(value));
  }
  const auto why = federation::WhyNobodyIsAt(parts->host.text());
  if (why.empty() || parts->host.IsUnspecified()) return absl::OkStatus();
  return absl::InvalidArgumentError(value + " " + std::string(why) +
                                    ", and nobody can be reached at it");
}

}  // namespace

absl::Status IsNot(const std::string& value, const std::string& what) {
  return absl::InvalidArgumentError(federation::QuotedText(value) + " is not " +
                                    what);
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
  return CheckListenAddress(value, "HOST:PORT");
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
  return absl::InvalidArgumentError(federation::QuotedText(value) + ": " +
                                    std::string(contact.status().message()));
}

absl::Status CallAdmission(std::string& value) {
  return IsOneOf({"open", "token"}, value);
}

absl::Status LogFormat(std::string& value) {
  return IsOneOf({"json", "text"}, value);
}

absl::Status LogLevel(std::string& value) {
  return IsOneOf({"trace", "debug", "info", "warn", "error"}, value);
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

absl::StatusOr<int> CallTokenLife(const std::string& value) {
  const auto seconds = Seconds(value);
  if (seconds.ok() && *seconds >= federation::kMinCallTokenLife.count() &&
      std::chrono::seconds(*seconds) <= federation::kMaxCallTokenLife) {
    return seconds;
  }
  return IsNot(value,
               "a time from 30 seconds to 10 minutes, such as 180 or 3m");
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
