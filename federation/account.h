#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "federation/base/settings.h"
#include "federation/directory/numbers.h"
#include "federation/directory/unreachable_numbers.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/key_issuer.h"
#include "federation/linking/key_redeemer.h"
#include "federation/linking/redemptions.h"
#include "federation/routing/call_admission.h"
#include "federation/routing/reachable_numbers.h"
#include "federation/routing/resolver.h"
#include "federation/sessions/turn_log.h"

namespace interlink::federation {

// One PBX account's part in the federation: everything that its daemon decides,
// and nothing of how it talks. It joins the classes of all rooms, each of which
// knows only its own collaborators.
//
// Reading order: key_issuer.h, redemptions.h and key_redeemer.h (how a link is
// made), removals.h (how it ends), sessions.h and link_health.h (whether it is
// green), mirrors.h, resolver.h and call_admission.h (what it is for).
// Threading: loop only, except as lookups(), resolver(), call_admission() and
// reachable() say.
// Destroy it on the loop, or when the loop has stopped. Lifetime: what is
// passed to Open() must outlive it.
class Account {
 public:
  // Reads the rows and numbers from the store and starts what runs by itself:
  // attempts, removals, sessions, expiry. `highest_generation`: as noted
  // outside the store; 0 if none was.
  static absl::StatusOr<std::unique_ptr<Account>> Open(
      AccountSettings settings, const Identity& identity,
      store::Database& database, EventLoop& loop, Randomness& randomness,
      PeerClient& peers, uint64_t highest_generation = 0);

  // Takes over changed settings: limits, names, contact, addresses. Peers are
  // told over their sessions.
  void Reload(AccountSettings settings);

  api::GetAccountResponse Describe() const;  // What the account itself knows.

  // A peer's lookup that lookups() could not answer at once. `done` may be
  // called from within.
  void DecideLookup(const PeerCaller& caller, const v1::LookupRequest& request,
                    Ledger::Done<v1::LookupResponse> done);

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
  CallAdmission& call_admission() { return *call_admission_; }
  const CallSecrets& call_secrets() const { return *call_secrets_; }
  const ReachableNumbers& reachable() const { return *reachable_; }
  Sessions& sessions() { return *sessions_; }
  const Directory& directory() const { return directory_; }
  const Mirrors& mirrors() const { return mirrors_; }
  const PeerCallTerms& peer_call_terms() const { return peer_call_terms_; }
  Counters& counters() { return counters_; }
  TraceLog& traces() { return traces_; }

 private:
  Account(AccountSettings settings, const Identity& identity,
          store::Database& database, EventLoop& loop);
  absl::Status OpenTables(Randomness& randomness);
  void OpenCalls(Randomness& randomness);
  absl::Status OpenLinking(Randomness& randomness, PeerClient& peers,
                           uint64_t highest_generation);
  void OpenSessions(Randomness& randomness, PeerClient& peers, uint64_t starts);
  void OpenRouting(Randomness& randomness);
  void ApplySettings();
  void ApplyCallSettings();
  // Brings the indexes that answer on other threads into step with a row that
  // has changed.
  void UpdateIndexes(store::InterlinkId id);

  AccountSettings settings_;
  const Identity& identity_;
  store::Database& database_;
  EventLoop& loop_;
  SteadyTime start_;
  CallClock call_clock_;
  Counters counters_;
  TraceLog traces_;
  LinkBudget commits_;
  Directory directory_;
  LinkAccess access_;
  PausedLinks paused_;
  DialPrefixes prefixes_;
  Mirrors mirrors_;
  PeerCallTerms peer_call_terms_;

  // In the order in which they use each other.
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Numbers> numbers_;
  std::unique_ptr<UnreachableNumbers> unreachable_;
  std::unique_ptr<CallSecrets> call_secrets_;
  std::unique_ptr<OwnCallTerms> own_call_terms_;
  std::unique_ptr<PeerEvents> peer_events_;
  std::unique_ptr<RefusedCalls> refused_calls_;
  std::unique_ptr<CallAdmission> call_admission_;
  std::unique_ptr<Restoration> restoration_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> indexes_feed_;
  std::unique_ptr<RemovalOutbox> outbox_;
  std::unique_ptr<Termination> termination_;
  std::unique_ptr<Removals> removals_;
  std::unique_ptr<Redemptions> redemptions_;
  std::unique_ptr<KeyIssuer> issuer_;
  std::unique_ptr<Settlement> settlement_;
  std::unique_ptr<LinkHealth> health_;
  std::unique_ptr<TurnLog> turns_;
  std::unique_ptr<KeyRedeemer> redeemer_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<Introductions> introductions_;
  std::unique_ptr<ContactAlarm> contact_alarm_;
  std::unique_ptr<DirectoryParts> parts_;
  std::unique_ptr<SessionFactory> session_factory_;
  std::unique_ptr<SessionAdmission> session_admission_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Observers<uint64_t>::Subscription> generation_feed_;
  std::unique_ptr<Observers<store::InternalNumber>::Subscription>
      directory_feed_;
  std::unique_ptr<LinkCalls> calls_;
  std::unique_ptr<RoutingPolicy> policy_;
  std::unique_ptr<CallTokenMint> call_tokens_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<ReachableNumbers> reachable_;
};

}  // namespace interlink::federation
