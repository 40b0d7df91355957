#include "federation/account.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "federation/base/reason.h"
#include "federation/base/stored_record.h"
#include "google/protobuf/util/time_util.h"

namespace interlink::federation {
namespace {

// How often the daemon was started with this store, this time included.
absl::StatusOr<uint64_t> CountStart(store::Database& database) {
  const auto stored =
      ReadRecord<store::v1::StartsRecord>(database, store::kStartsKey);
  if (!stored.ok()) return stored.status();
  store::v1::StartsRecord record = stored->value_or(store::v1::StartsRecord());
  record.set_count(record.count() + 1);
  auto revision = database.Commit(
      {},
      {store::Op::Put(std::string(store::kStartsKey), store::Encode(record))});
  if (!revision.ok()) return StoreRefusal(revision.status());
  return record.count();
}

}  // namespace

Account::Account(AccountSettings settings, const Identity& identity,
                 store::Database& database, EventLoop& loop)
    : settings_(std::move(settings)),
      identity_(identity),
      database_(database),
      loop_(loop),
      start_(loop.Now()),
      call_clock_(loop),
      traces_(loop),
      commits_(LinkBudget::ForCommits(loop)),
      access_(loop),
      mirrors_(loop, {}),
      peer_call_terms_(loop) {
  ApplySettings();
}

void Account::ApplySettings() {
  access_.SetLookupLimit(settings_.lookup_limit);
  access_.SetContact(settings_.contact);
  mirrors_.SetLimits(
      {.per_link = static_cast<size_t>(settings_.max_mirrored_numbers_per_link),
       .in_all = static_cast<size_t>(settings_.max_mirrored_numbers)});
  mirrors_.SetMaxStale(settings_.max_stale);
}

void Account::ApplyCallSettings() {
  own_call_terms_->SetAsksForTokens(settings_.asks_for_call_tokens);
  call_admission_->Reload(settings_);
}

void Account::UpdateIndexes(store::InterlinkId id) {
  const Row* row = interlinks().Find(id);
  access_.Set(id, row);
  paused_.Set(id, row);
  prefixes_.Set(id, row);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    call_admission_->SetLink(id, row);
    mirrors_.RemoveLink(id);
    peer_call_terms_.RemoveLink(id);
    call_secrets_->Forget(id);
    counters_.calls_by_link.Forget(id);
  } else {
    // Derives the key now, so that the first check of a token takes no longer
    // than later ones.
    call_secrets_->Remember(id);
    call_admission_->SetLink(id, row);
    mirrors_.SetLink(id, LinkedPeer::Of(*row));
    peer_call_terms_.AddLink(id);
  }
}

absl::StatusOr<std::unique_ptr<Account>> Account::Open(
    AccountSettings settings, const Identity& identity,
    store::Database& database, EventLoop& loop, Randomness& randomness,
    PeerClient& peers, uint64_t highest_generation) {
  std::unique_ptr<Account> account(
      new Account(std::move(settings), identity, database, loop));
  if (auto s = account->OpenTables(randomness); !s.ok()) return s;
  account->OpenCalls(randomness);
  if (auto s = account->OpenLinking(randomness, peers, highest_generation);
      !s.ok()) {
    return s;
  }
  auto starts = CountStart(database);
  if (!starts.ok()) return starts.status();
  account->OpenSessions(randomness, peers, *starts);
  account->OpenRouting(randomness);
  account->unreachable_->Look();
  return account;
}

absl::Status Account::OpenTables(Randomness& randomness) {
  auto ledger = Ledger::Open(identity_, database_, randomness, loop_);
  if (!ledger.ok()) return ledger.status();
  ledger_ = *std::move(ledger);
  auto numbers = Numbers::Open(*ledger_, settings_, directory_);
  if (!numbers.ok()) return numbers.status();
  numbers_ = *std::move(numbers);
  unreachable_ = std::make_unique<UnreachableNumbers>(loop_, *ledger_,
                                                      directory_, settings_);
  auto call_secrets = CallSecrets::Open(database_, randomness, call_clock_);
  if (!call_secrets.ok()) return call_secrets.status();
  call_secrets_ = *std::move(call_secrets);
  return absl::OkStatus();
}

void Account::OpenCalls(Randomness& randomness) {
  own_call_terms_ = std::make_unique<OwnCallTerms>(*call_secrets_, call_clock_);
  peer_events_ = std::make_unique<PeerEvents>(*ledger_, loop_, commits_);
  refused_calls_ =
      std::make_unique<RefusedCalls>(loop_, *ledger_, *peer_events_);
  call_admission_ = std::make_unique<CallAdmission>(
      loop_, call_clock_, directory_, *call_secrets_, randomness,
      *refused_calls_, counters_);
  ApplyCallSettings();
}

absl::Status Account::OpenLinking(Randomness& randomness, PeerClient& peers,
                                  uint64_t highest_generation) {
  restoration_ = std::make_unique<Restoration>(*ledger_, *call_secrets_);
  if (auto s = restoration_->CheckAtStart(highest_generation); !s.ok()) {
    return s;
  }
  // Before a peer or an administrator can change a row: a link is shut to its
  // peer before its deletion is answered.
  indexes_feed_ =
      interlinks().Watch([this](const Row& row) { UpdateIndexes(row.id); },
                         [this](store::InterlinkId id) { UpdateIndexes(id); });
  auto outbox = RemovalOutbox::Open(identity_, *ledger_, loop_, randomness,
                                    peers, counters_);
  if (!outbox.ok()) return outbox.status();
  outbox_ = *std::move(outbox);
  termination_ =
      std::make_unique<Termination>(identity_, interlinks(), *outbox_);
  removals_ = std::make_unique<Removals>(*ledger_, loop_, *outbox_,
                                         *termination_, counters_);
  redemptions_ =
      std::make_unique<Redemptions>(settings_, identity_, *ledger_, loop_,
                                    randomness, *termination_, counters_);
  issuer_ = std::make_unique<KeyIssuer>(settings_, identity_, *ledger_, loop_,
                                        randomness, counters_);
  settlement_ = std::make_unique<Settlement>(identity_, *ledger_, *termination_,
                                             counters_);
  health_ = std::make_unique<LinkHealth>(loop_, interlinks(), counters_,
                                         *removals_, *outbox_);
  turns_ = std::make_unique<TurnLog>(loop_, *ledger_, commits_);
  // After the health, so that a new link has one when LinkAccount answers.
  redeemer_ = std::make_unique<KeyRedeemer>(settings_, identity_, *ledger_,
                                            loop_, randomness, peers, *outbox_,
                                            *settlement_, counters_);
  admission_ =
      std::make_unique<Admission>(*ledger_, *settlement_, *restoration_);
  return absl::OkStatus();
}

void Account::OpenSessions(Randomness& randomness, PeerClient& peers,
                           uint64_t starts) {
  lookups_ = std::make_unique<Lookups>(directory_, access_, *own_call_terms_,
                                       counters_, traces_);
  introductions_ = std::make_unique<Introductions>(
      settings_, identity_, loop_, *ledger_, commits_, *own_call_terms_,
      peer_call_terms_, [this](store::InterlinkId id, bool is_paused) {
        call_admission_->SetPausedByPeer(id, is_paused);
        health_->SetPausedByPeer(id, is_paused);
        if (is_paused) mirrors_.TakeBack(id);
      });
  contact_alarm_ =
      std::make_unique<ContactAlarm>(loop_, *ledger_, *peer_events_);
  parts_ = std::make_unique<DirectoryParts>(
      directory_, numbers_->shared_observers(), loop_);
  session_factory_ = std::make_unique<SessionFactory>(
      loop_, peers, randomness.Bytes(16), starts, [this] {
        return std::make_unique<SessionMessages>(
            loop_, interlinks(), DirectoryFeed(*parts_),
            MirrorSubscription(mirrors_, *contact_alarm_, loop_), *lookups_,
            *introductions_, *removals_);
      });
  session_admission_ =
      std::make_unique<SessionAdmission>(access_, *admission_, *restoration_);
  sessions_ = std::make_unique<Sessions>(
      identity_.account_id(), loop_, randomness, interlinks(),
      *session_factory_, *session_admission_, *health_, *introductions_,
      *peer_events_);
  generation_feed_ = generation().observers().Add(
      [this](uint64_t) { sessions_->IntroduceAll(); });
  directory_feed_ = numbers_->shared_observers().Add(
      [this](store::InternalNumber) { sessions_->SendDirectory(); });
  calls_ = std::make_unique<LinkCalls>(loop_, peers, identity_, interlinks(),
                                       *health_, *sessions_, mirrors_,
                                       peer_call_terms_);
  const SessionRoute over_session = [this](auto&&... arguments) {
    return calls_->Terminate(std::forward<decltype(arguments)>(arguments)...);
  };
  outbox_->SetSessionRoute(over_session);
  redeemer_->SetSessionRoute(over_session);
}

void Account::OpenRouting(Randomness& randomness) {
  policy_ = std::make_unique<RoutingPolicy>(settings_, *contact_alarm_);
  health_->SetCallCheck(
      [this](const Row& row) { return policy_->CheckContact(row); });
  call_tokens_ = std::make_unique<CallTokenMint>(peer_call_terms_, randomness);
  resolver_ = std::make_unique<Resolver>(loop_, directory_, mirrors_, paused_,
                                         prefixes_, *policy_, *call_tokens_,
                                         *calls_, *contact_alarm_);
  reachable_ = std::make_unique<ReachableNumbers>(directory_, mirrors_,
                                                  prefixes_, *policy_);
}

void Account::Reload(AccountSettings settings) {
  const bool asked_for_tokens = settings_.asks_for_call_tokens;
  settings_ = std::move(settings);
  ApplySettings();
  ApplyCallSettings();
  policy_->Reload();
  sessions_->IntroduceAll();
  if (!asked_for_tokens) unreachable_->Look();
}

void Account::DecideLookup(const PeerCaller& caller,
                           const v1::LookupRequest& request,
                           Ledger::Done<v1::LookupResponse> done) {
  admission_->Decide(
      caller, request.interlink_id(), request.redeemed_proof(), {},
      [this, request,
       done = std::move(done)](const absl::Status& status) mutable {
        if (!status.ok()) {
          lookups_->CountRefusal(request.number());
          return done(status);
        }
        done(lookups_->AnswerKnown(
            *store::InterlinkId::FromBytes(request.interlink_id()),
            request.number(), request.traceparent()));
      });
}

api::GetAccountResponse Account::Describe() const {
  api::GetAccountResponse response;
  response.set_account_id(identity_.account_id().ToHex());
  response.set_account_name(settings_.account_name);
  response.set_root_sha256(
      absl::BytesToHexString(identity_.root_spki_sha256()));
  for (const std::string& address : settings_.addresses) {
    response.add_addresses(address);
  }
  response.set_contact(settings_.contact);
  *response.mutable_uptime() =
      google::protobuf::util::TimeUtil::NanosecondsToDuration(
          std::chrono::nanoseconds(loop_.Now() - start_).count());
  response.set_call_admission(settings_.asks_for_call_tokens
                                  ? api::CALL_ADMISSION_TOKEN
                                  : api::CALL_ADMISSION_OPEN);
  response.set_number_count(static_cast<int64_t>(numbers_->size()));
  response.set_interlink_count(
      static_cast<int64_t>(ledger_->interlinks().rows().size()));
  response.set_undelivered_removal_count(
      static_cast<int64_t>(outbox_->undelivered()));
  response.set_session_count(static_cast<int64_t>(sessions_->open()));
  response.set_in_step_count(static_cast<int64_t>(mirrors_.in_step()));
  response.set_mirrored_number_count(static_cast<int64_t>(mirrors_.size()));
  const store::v1::GenerationRecord& generation =
      ledger_->generation().record();
  if (generation.has_restore_time()) {
    *response.mutable_restore_time() = generation.restore_time();
    response.set_restore_sign(generation.restore_sign());
  }
  return response;
}

}  // namespace interlink::federation
