#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "federation/base/settings.h"
#include "federation/directory/directory.h"
#include "federation/directory/directory_parts.h"
#include "federation/directory/link_access.h"
#include "federation/directory/lookups.h"
#include "federation/directory/numbers.h"
#include "federation/identity/identity.h"
#include "federation/ledger/context.h"
#include "federation/ledger/event_log.h"
#include "federation/ledger/generation.h"
#include "federation/ledger/interlinks.h"
#include "federation/ledger/ledger.h"
#include "federation/ledger/peer_events.h"
#include "federation/linking/admission.h"
#include "federation/linking/key_issuer.h"
#include "federation/linking/key_redeemer.h"
#include "federation/linking/redemptions.h"
#include "federation/linking/removal_outbox.h"
#include "federation/linking/removals.h"
#include "federation/linking/restoration.h"
#include "federation/linking/settlement.h"
#include "federation/linking/termination.h"
#include "federation/mirrors/contact_alarm.h"
#include "federation/mirrors/mirrors.h"
#include "federation/peer/link_budget.h"
#include "federation/routing/paused_links.h"
#include "federation/routing/resolver.h"
#include "federation/sessions/introductions.h"
#include "federation/sessions/link_health.h"
#include "federation/sessions/session_factory.h"
#include "federation/sessions/sessions.h"
#include "federation/sessions/turn_log.h"

namespace interlink::federation {

// One PBX account's part in the federation: everything that its daemon decides,
// and nothing of how it talks. Two or two hundred of them live in one process
// in tests.
//
// Reading order: key_issuer.h, redemptions.h and key_redeemer.h (how a link is
// made), removals.h (how it ends), sessions.h and link_health.h (whether it is
// green), mirrors.h and resolver.h (what it is for). Threading: loop only, but
// for what lookups() and resolver() say. Destroy it on the loop, or when the
// loop has stopped. Lifetime: what is passed to Open() must outlive it.
class Account {
 public:
  // Reads the rows and numbers from the store and starts what runs by itself:
  // attempts, removals, sessions, expiry. `highest_generation` is what was
  // noted of the account outside the store, 0 if nothing was.
  static absl::StatusOr<std::unique_ptr<Account>> Open(
      AccountSettings settings, const Identity& identity,
      store::Database& database, EventLoop& loop, Randomness& randomness,
      PeerClient& peers, uint64_t highest_generation = 0);

  // Takes over changed settings: limits, names, contact, addresses. Peers are
  // told over their sessions.
  void Reload(AccountSettings settings);

  api::GetAccountResponse Describe() const;  // Without version.

  // A peer's lookup that lookups() could not answer at once.
  absl::StatusOr<v1::LookupResponse> DecideLookup(
      const PeerCaller& caller, const v1::LookupRequest& request);

  const AccountSettings& settings() const { return settings_; }
  Ledger& ledger() { return *ledger_; }
  EventLog& events() { return ledger_->events(); }
  Generation& generation() { return ledger_->generation(); }
  Interlinks& interlinks() { return ledger_->interlinks(); }
  KeyIssuer& issuer() { return *issuer_; }
  Redemptions& redemptions() { return *redemptions_; }
  KeyRedeemer& redeemer() { return *redeemer_; }
  Removals& removals() { return *removals_; }
  RemovalOutbox& outbox() { return *outbox_; }
  Numbers& numbers() { return *numbers_; }
  Lookups& lookups() { return *lookups_; }
  Resolver& resolver() { return *resolver_; }
  Sessions& sessions() { return *sessions_; }
  const Directory& directory() const { return directory_; }
  const Mirrors& mirrors() const { return mirrors_; }
  Counters& counters() { return counters_; }

 private:
  Account(AccountSettings settings, const Identity& identity,
          store::Database& database, EventLoop& loop);
  absl::Status OpenTables(store::Database& database);
  // What answers on other threads goes by, of a row that has changed.
  void Follow(store::InterlinkId id);
  void TakeOver();

  AccountSettings settings_;
  const Identity& identity_;
  store::Database& database_;
  EventLoop& loop_;
  SteadyTime start_;
  Counters counters_;
  LinkBudget store_budget_;
  LinkBudget message_budget_;
  Directory directory_;
  LinkAccess access_;
  PausedLinks paused_;
  Mirrors mirrors_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> access_feed_;
  std::unique_ptr<Restoration> restoration_;
  std::unique_ptr<Numbers> numbers_;
  std::unique_ptr<RemovalOutbox> outbox_;
  std::unique_ptr<Termination> termination_;
  std::unique_ptr<Removals> removals_;
  std::unique_ptr<Redemptions> redemptions_;
  std::unique_ptr<KeyIssuer> issuer_;
  std::unique_ptr<Settlement> settlement_;
  std::unique_ptr<LinkHealth> health_;
  std::unique_ptr<TurnLog> turns_;
  std::unique_ptr<KeyRedeemer> redeemer_;
  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<Introductions> introductions_;
  std::unique_ptr<PeerEvents> peer_events_;
  std::unique_ptr<ContactAlarm> contact_alarm_;
  std::unique_ptr<DirectoryParts> parts_;
  std::unique_ptr<SessionServices> services_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Resolver> resolver_;
};

}  // namespace interlink::federation
