#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sip/sip_source.h"
#include "federation/routing/asker.h"

namespace interlink::daemon {

// The topmost Via of a request: who sent it, and where the answer goes (RFC
// 3261 section 18.2, RFC 3581). A value.
class TopVia {
 public:
  static constexpr uint16_t kSipPort = 5060;
  static constexpr size_t kHighestPort = 65535;

  // `value` is one value of a Via field. nullopt if it is none.
  static std::optional<TopVia> Parse(const std::string& value);

  // The value of the answer's Via: what the sender wrote, and where it was
  // received from if that says more.
  std::string ToText(const SipSource& source) const;

  // The port that an answer over UDP goes to: the packet's own if the sender
  // asks for that by ;rport, else the sender's.
  uint16_t AnswerPort(const SipSource& source) const;

  // "host" or "host:port", as it was written.
  const std::string& sent_by() const { return sent_by_; }
  // Whether sent_by() names the address that the request came from.
  bool IsSentFrom(const SipSource& source) const;
  // The sender, at each host and port by which a call would come back to it.
  federation::Asker AskerAt(const SipSource& source) const;
  // Of the transaction; empty if there is none.
  std::string_view branch() const;

 private:
  struct Parameter {
    std::string name;
    std::optional<std::string> value;
  };
  const Parameter* Find(std::string_view name) const;

  std::string protocol_;  // "SIP/2.0/UDP"
  std::string sent_by_;
  std::string host_;  // Without the brackets of an IPv6 address.
  uint16_t port_ = 0;
  std::vector<Parameter> parameters_;
};

}  // namespace interlink::daemon
