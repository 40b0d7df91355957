#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "federation/base/contact_template.h"
#include "federation/base/settings.h"
#include "federation/ledger/row.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirror_finding.h"
#include "federation/routing/asker.h"
#include "store/internal_number.h"

namespace interlink::federation {

// Which of the routes that peers offer are given out (design.md section 9): the
// administrator's rules about numbers that are never remote, about the hosts of
// contacts, and about what leads back to the account's own PBX, to the PBX that
// asks, to their machine or to a door of the daemon.
//
// A name that leads there only once it is looked up is not seen, nor an address
// that a gateway turns into another (NAT64): --contact-hosts is the rule
// against those.
//
// Threading: const methods from any thread; Reload() loop only. Lifetime: the
// arguments must outlive it.
class RoutingPolicy {
 public:
  RoutingPolicy(const AccountSettings& settings, ContactAlarm& alarm);

  // The settings have changed.
  void Reload();

  bool IsNeverRemote(store::InternalNumber number) const;
  // The contact by which the number is called. FAILED_PRECONDITION if it breaks
  // a rule, or has no room for the call token that the call has to bring; the
  // message says what is wrong with the contact, and what to do.
  absl::StatusOr<ContactTemplate> ContactFor(const MirrorHit& hit,
                                             store::InternalNumber number,
                                             const Asker& asker = {}) const;
  // CONTACT_INVALID if the contact of the link's peer breaks a rule, so that
  // none of its numbers can be called but those with a contact of their own.
  absl::Status CheckContact(const Row& row) const;

 private:
  struct Rules {
    absl::Status CheckHost(const ContactTemplate& contact) const;
    // Whether the account's own PBX or this daemon would get the call.
    bool LeadsBack(const ContactTemplate& contact) const;
    bool LeadsTo(const HostPort& door, const ContactTemplate& contact) const;

    std::set<store::InternalNumber> never_remote;
    std::set<Host> contact_hosts;
    // Where this account's own PBX is, if the administrator has said so.
    std::optional<ContactTemplate> own_pbx;
    std::vector<HostPort> doors;
    // The names that peers are told: of doors at all addresses of the machine.
    std::set<Host> own_names;
    // Whether other accounts' PBXs may be on this machine too.
    bool may_be_on_same_machine = false;
  };

  const AccountSettings& settings_;
  ContactAlarm& alarm_;
  // Old rules are kept, because another thread may still go by them, and
  // settings change seldom.
  std::vector<std::unique_ptr<const Rules>> all_rules_;
  std::atomic<const Rules*> rules_ = nullptr;
};

}  // namespace interlink::federation
