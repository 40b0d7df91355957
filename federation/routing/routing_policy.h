#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "federation/base/contact_template.h"
#include "federation/base/settings.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirror_finding.h"
#include "store/internal_number.h"

namespace interlink::federation {

// Which of the routes that peers offer are given out (design.md section 9): the
// administrator's rules about numbers that are never remote, about the hosts of
// contacts, and about the account's own PBX.
//
// Threading: const methods from any thread; Reload() loop only. Lifetime: the
// arguments must outlive it.
class RoutingPolicy {
 public:
  RoutingPolicy(const AccountSettings& settings, ContactAlarm& alarm);

  // The settings have changed.
  void Reload();

  bool IsNeverRemote(store::InternalNumber number) const;
  // nullopt if the contact breaks a rule.
  std::optional<std::string> UriFor(const MirrorHit& hit,
                                    store::InternalNumber number) const;

 private:
  struct Rules {
    std::set<store::InternalNumber> never_remote;
    std::set<Host> contact_hosts;
    // Where this account's own PBX is, if the administrator has said so.
    std::optional<ContactTemplate> own_pbx;
  };

  const AccountSettings& settings_;
  ContactAlarm& alarm_;
  // Old rules are kept, because another thread may still go by them, and
  // settings change seldom.
  std::vector<std::unique_ptr<const Rules>> all_rules_;
  std::atomic<const Rules*> rules_ = nullptr;
};

}  // namespace interlink::federation
