#pragma once

#include <optional>
#include <string>
#include <string_view>

// Addresses as text, for rules that compare them.
namespace interlink::federation {

// The 16 bytes of an IPv6 address, without brackets; nullopt if it is none.
std::optional<std::string> Ipv6Bytes(std::string_view text);

// Whether it is four numbers up to 255 with dots between them.
bool IsIpv4(std::string_view text);

// Why nobody can be reached at `host`, as Host::text() has it: what it is, such
// as "is a multicast address". Empty if somebody may be there.
std::string_view WhyNobodyIsAt(std::string_view host);

// What counts as one source of "host:port": an IPv4 address, or the /64 network
// of an IPv6 address, because whoever has one has all of it. A key to compare,
// not a text to show.
std::string NetworkOf(std::string_view source);

}  // namespace interlink::federation
