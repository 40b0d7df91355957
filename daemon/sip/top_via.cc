#include "daemon/sip/top_via.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/match.h"
#include "daemon/net/source_network.h"
#include "daemon/sip/message_head.h"
#include "daemon/sip/osip.h"

namespace interlink::daemon {
namespace {

bool IsHost(const std::string& host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

bool IsSameName(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

}  // namespace

std::optional<TopVia> TopVia::Parse(const std::string& value) {
  const osip::Via parsed = osip::ParseVia(value);
  if (parsed == nullptr) return std::nullopt;
  TopVia via;
  via.host_ = osip::TextOf(parsed->host);
  const std::string transport = osip::TextOf(parsed->protocol);
  if (!IsHost(via.host_) || transport.empty() ||
      transport.find_first_of(" \t") != transport.npos) {
    return std::nullopt;
  }
  via.protocol_ = "SIP/" + osip::TextOf(parsed->version) + "/" + transport;
  const bool is_ipv6 = via.host_.find(':') != std::string::npos;
  via.sent_by_ = is_ipv6 ? "[" + via.host_ + "]" : via.host_;
  if (parsed->port != nullptr) {
    const auto port = ParseCount(parsed->port, kHighestPort);
    if (!port || *port == 0) return std::nullopt;
    via.port_ = static_cast<uint16_t>(*port);
    via.sent_by_ += ":" + std::to_string(*port);
  }
  osip_list_iterator_t at;
  for (void* next = osip_list_get_first(&parsed->via_params, &at);
       next != nullptr; next = osip_list_get_next(&at)) {
    const auto* const given = static_cast<osip_generic_param_t*>(next);
    via.parameters_.push_back(
        {osip::TextOf(given->gname), given->gvalue != nullptr
                                         ? std::optional(given->gvalue)
                                         : std::nullopt});
  }
  return via;
}

const TopVia::Parameter* TopVia::Find(std::string_view name) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [name](const Parameter& parameter) {
                                    return IsSameName(parameter.name, name);
                                  });
  return found == parameters_.end() ? nullptr : &*found;
}

std::string TopVia::ToText(const SipSource& source) const {
  std::string text = protocol_ + " " + sent_by_;
  const bool wants_port = Find("rport") != nullptr;
  for (const Parameter& parameter : parameters_) {
    // What the sender claims of itself does not count.
    if (IsSameName(parameter.name, "received")) continue;
    text += ";" + parameter.name;
    if (IsSameName(parameter.name, "rport")) {
      text += "=" + std::to_string(source.port);
    } else if (parameter.value) {
      text += "=" + *parameter.value;
    }
  }
  if (wants_port || !IsSentFrom(source)) {
    text += ";received=" + source.address.to_string();
  }
  return text;
}

uint16_t TopVia::AnswerPort(const SipSource& source) const {
  if (Find("rport") != nullptr) return source.port;
  return port_ != 0 ? port_ : kSipPort;
}

bool TopVia::IsSentFrom(const SipSource& source) const {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host_, error);
  return !error && PlainAddress(address) == source.address;
}

federation::Asker TopVia::AskerAt(const SipSource& source) const {
  federation::Asker asker;
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  for (const std::string& text :
       {HostText(source.address), is_ipv6 ? "[" + host_ + "]" : host_}) {
    const auto host = federation::Host::Parse(text);
    if (host.ok()) asker.hosts.push_back(*host);
  }
  asker.ports = {source.port, port_ != 0 ? port_ : kSipPort};
  return asker;
}

std::string_view TopVia::branch() const {
  const Parameter* const branch = Find("branch");
  return branch != nullptr && branch->value ? std::string_view(*branch->value)
                                            : std::string_view();
}

}  // namespace interlink::daemon
