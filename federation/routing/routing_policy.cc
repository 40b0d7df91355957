#include "federation/routing/routing_policy.h"

#include <utility>

#include "federation/base/address.h"
#include "federation/base/ip_address.h"
#include "federation/base/reach.h"
#include "federation/base/reason.h"
#include "federation/ledger/peer_record.h"

namespace interlink::federation {
namespace {

absl::Status NoGoodContact() {
  return absl::FailedPreconditionError(
      "it tells no contact that may be called: its administrator has to set "
      "--contact");
}

absl::Status LeadsBackHere(const ContactTemplate& contact) {
  return absl::FailedPreconditionError(
      "its contact leads to " + contact.host().text() +
      ", which is this account's own PBX or machine: its administrator has "
      "to set --contact to another");
}

}  // namespace

RoutingPolicy::RoutingPolicy(const AccountSettings& settings,
                             ContactAlarm& alarm)
    : settings_(settings), alarm_(alarm) {
  Reload();
}

void RoutingPolicy::Reload() {
  auto rules = std::make_unique<Rules>();
  rules->never_remote = {settings_.never_remote.begin(),
                         settings_.never_remote.end()};
  rules->contact_hosts = {settings_.contact_hosts.begin(),
                          settings_.contact_hosts.end()};
  rules->doors = settings_.doors;
  for (const std::string& address : settings_.addresses) {
    const auto place = SplitHostPort(address);
    // An address may be that of a router, which leads each port elsewhere.
    if (place && !AddressBytes(place->host.text())) {
      rules->own_names.insert(place->host);
    }
  }
  auto own = ContactTemplate::Parse(settings_.contact);
  if (own.ok()) {
    // Peers that are told to call it on loopback are on its machine.
    rules->may_be_on_same_machine = IsOnSameMachine(own->host());
    if (settings_.is_contact_set) rules->own_pbx = *std::move(own);
  }
  rules_ = rules.get();
  all_rules_.push_back(std::move(rules));
}

bool RoutingPolicy::IsNeverRemote(store::InternalNumber number) const {
  return rules_.load()->never_remote.contains(number);
}

absl::Status RoutingPolicy::Rules::CheckHost(
    const ContactTemplate& contact) const {
  if (contact_hosts.empty() || contact_hosts.contains(contact.host())) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "its contact leads to " + contact.host().text() +
      ", which is not among --contact-hosts: add it there if calls may go "
      "to it");
}

// A PBX takes calls from itself for its own, with all that those may do.
bool RoutingPolicy::Rules::LeadsBack(const ContactTemplate& contact) const {
  if (own_pbx && own_pbx->LeadsWhere(contact)) return true;
  for (const HostPort& door : doors) {
    if (LeadsTo(door, contact)) return true;
  }
  // If there are --contact-hosts, this is one.
  return contact_hosts.empty() && !may_be_on_same_machine &&
         IsOnSameMachine(contact.host());
}

bool RoutingPolicy::Rules::LeadsTo(const HostPort& door,
                                   const ContactTemplate& contact) const {
  const Host& host = contact.host();
  if (!contact.HasPort(door.port)) return false;
  if (host == door.host) return true;
  const bool is_here = IsOnSameMachine(host);
  if (door.host.IsUnspecified()) return is_here || own_names.contains(host);
  // The machine decides which loopback address a name stands for.
  const bool is_name =
      !AddressBytes(host.text()) || !AddressBytes(door.host.text());
  return is_name && is_here && IsOnSameMachine(door.host);
}

absl::StatusOr<ContactTemplate> RoutingPolicy::ContactFor(
    const MirrorHit& hit, store::InternalNumber number,
    const Asker& asker) const {
  std::optional<ContactTemplate> of_number;
  if (!hit.contact.empty()) {
    auto parsed = ContactTemplate::Parse(hit.contact);
    if (!parsed.ok()) return NoGoodContact();
    of_number = *std::move(parsed);
  } else if (!hit.peer->contact) {
    return NoGoodContact();
  }
  const ContactTemplate& contact = of_number ? *of_number : *hit.peer->contact;
  const Rules& rules = *rules_.load();
  if (auto s = rules.CheckHost(contact); !s.ok()) return s;
  if (rules.LeadsBack(contact) || asker.IsCalledBy(contact)) {
    alarm_.LeadsBack(hit.peer->id, number);
    return LeadsBackHere(contact);
  }
  // Its owner's PBX would not find the token in it.
  if (hit.needs_token && !contact.CheckHasRoomForToken().ok()) {
    return absl::FailedPreconditionError(
        "its contact has no room for the call token that it asks for: its "
        "administrator has to set --contact to one without text beside "
        "{number}");
  }
  return contact;
}

absl::Status RoutingPolicy::CheckContact(const Row& row) const {
  const auto contact = ContactTemplate::Parse(ContactOf(row.record.peer()));
  const Rules& rules = *rules_.load();
  absl::Status why = NoGoodContact();
  if (contact.ok()) why = rules.CheckHost(*contact);
  if (why.ok() && rules.LeadsBack(*contact)) why = LeadsBackHere(*contact);
  if (why.ok()) return why;
  return Refusal(Reason::kContactInvalid,
                 "the other account's numbers cannot be called, but for those "
                 "with a contact of their own: " +
                     std::string(why.message()));
}

}  // namespace interlink::federation
