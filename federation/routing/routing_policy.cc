#include "federation/routing/routing_policy.h"

#include <utility>

namespace interlink::federation {

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
  if (settings_.is_contact_set) {
    auto own = ContactTemplate::Parse(settings_.contact);
    if (own.ok()) rules->own_pbx = *std::move(own);
  }
  rules_ = rules.get();
  all_rules_.push_back(std::move(rules));
}

bool RoutingPolicy::IsNeverRemote(store::InternalNumber number) const {
  return rules_.load()->never_remote.contains(number);
}

std::optional<std::string> RoutingPolicy::UriFor(
    const MirrorHit& hit, store::InternalNumber number) const {
  std::optional<ContactTemplate> of_number;
  if (!hit.contact.empty()) {
    auto parsed = ContactTemplate::Parse(hit.contact);
    if (!parsed.ok()) return std::nullopt;
    of_number = *std::move(parsed);
  } else if (!hit.peer->contact) {
    return std::nullopt;
  }
  const ContactTemplate& contact = of_number ? *of_number : *hit.peer->contact;
  const Rules& rules = *rules_.load();
  if (!rules.contact_hosts.empty() &&
      !rules.contact_hosts.contains(contact.host())) {
    return std::nullopt;
  }
  // A PBX takes calls from itself for its own, with all that those may do.
  if (rules.own_pbx && rules.own_pbx->LeadsWhere(contact)) {
    alarm_.LeadsBack(hit.peer->id, number);
    return std::nullopt;
  }
  return contact.UriFor(number);
}

}  // namespace interlink::federation
