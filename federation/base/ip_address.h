#pragma once

#include <optional>
#include <string>
#include <string_view>

// IP addresses as text, for rules that compare them.
namespace interlink::federation {

// The 4 bytes of an IPv4 address: four numbers up to 255 with dots between them
// and without leading zeros. nullopt for another text.
std::optional<std::string> Ipv4Bytes(std::string_view text);

// The 16 bytes of an IPv6 address without brackets; nullopt for another text.
std::optional<std::string> Ipv6Bytes(std::string_view text);

// The 4 or 16 bytes of the address that `host`, as Host::text() has it, is;
// nullopt for a DNS name.
std::optional<std::string> AddressBytes(std::string_view host);

// Why nobody can be reached at `host`, as Host::text() has it: a predicate,
// such as "is a multicast address". Empty if somebody may be reached there.
std::string_view WhyNobodyIsAt(std::string_view host);

// What counts as one source of "host:port": an IPv4 address, mapped into IPv6
// or not, or the /64 network of an IPv6 address, because its holder has all of
// that network. A key to compare, not a text to show.
std::string NetworkOf(std::string_view source);

}  // namespace interlink::federation
