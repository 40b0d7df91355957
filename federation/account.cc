#include "federation/account.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "federation/base/reason.h"
#include "google/protobuf/util/time_util.h"

namespace interlink::federation {
namespace {

// What the peer of one link may make this account store, and say to it: more
// than the rules give it cause to.
constexpr double kStoredASecond = 1.0 / 6;
constexpr double kStoredAtOnce = 10;
constexpr double kMessagesASecond = 10'000;

// How often the daemon was started with this store, this time included.
absl::StatusOr<uint64_t> CountStart(store::Database& database) {
  auto entry = database.Get(store::kStartsKey);
  if (!entry.ok()) return StoreRefusal(entry.status());
  store::v1::StartsRecord record;
  if (*entry) {
    auto stored = store::Decode<store::v1::StartsRecord>((*entry)->value);
    if (!stored.ok()) return stored.status();
    record = *stored;
  }
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
      store_budget_(loop, kStoredASecond, kStoredAtOnce),
      message_budget_(loop, kMessagesASecond, kMessagesASecond),
      access_(loop),
      mirrors_(loop, {}) {
  TakeOver();
}

void Account::TakeOver() {
  access_.SetLookupLimit(settings_.lookup_limit);
  access_.SetContact(settings_.contact);
  mirrors_.SetLimits(
      {.per_link = static_cast<size_t>(settings_.max_mirrored_numbers_per_link),
       .in_all = static_cast<size_t>(settings_.max_mirrored_numbers)});
  mirrors_.SetMaxStale(settings_.max_stale);
}

void Account::Follow(store::InterlinkId id) {
  const Row* row = interlinks().Find(id);
  access_.Set(id, row);
  paused_.Set(id, row);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    mirrors_.RemoveLink(id);
  } else {
    mirrors_.SetLink(id, LinkedPeer::Of(*row));
  }
}

absl::StatusOr<std::unique_ptr<Account>> Account::Open(
    AccountSettings settings, const Identity& identity,
    store::Database& database, EventLoop& loop, Randomness& randomness,
    PeerClient& peers, uint64_t highest_generation) {
  std::unique_ptr<Account> account(
      new Account(std::move(settings), identity, database, loop));
  if (auto s = account->OpenTables(database); !s.ok()) return s;
  Ledger& ledger = *account->ledger_;
  const Context context{ledger,
                        account->settings_,
                        identity,
                        database,
                        loop,
                        randomness,
                        peers,
                        account->interlinks(),
                        account->events(),
                        account->generation(),
                        account->counters_,
                        account->store_budget_};
  account->restoration_ = std::make_unique<Restoration>(ledger);
  if (auto s = account->restoration_->CheckAtStart(highest_generation);
      !s.ok()) {
    return s;
  }
  auto starts = CountStart(database);
  if (!starts.ok()) return starts.status();
  // Watches rows before anything can change one: a link is shut to its peer
  // before its deletion is answered.
  account->access_feed_ = account->interlinks().observers().Add(
      [account = account.get()](store::InterlinkId id) {
        account->Follow(id);
      });
  for (const auto& [id, row] : account->interlinks().rows()) {
    account->Follow(id);
  }
  auto outbox = RemovalOutbox::Open(identity, ledger, loop, randomness, peers,
                                    account->counters_);
  if (!outbox.ok()) return outbox.status();
  account->outbox_ = *std::move(outbox);
  account->termination_ = std::make_unique<Termination>(
      identity, ledger.interlinks(), *account->outbox_);
  account->removals_ =
      std::make_unique<Removals>(ledger, loop, *account->outbox_,
                                 *account->termination_, account->counters_);
  account->redemptions_ = std::make_unique<Redemptions>(
      account->settings_, identity, ledger, loop, randomness,
      *account->termination_, account->counters_);
  account->issuer_ =
      std::make_unique<KeyIssuer>(account->settings_, identity, ledger, loop,
                                  randomness, account->counters_);
  account->settlement_ = std::make_unique<Settlement>(
      identity, ledger, *account->termination_, account->counters_);
  account->health_ = std::make_unique<LinkHealth>(context, *account->removals_);
  account->turns_ = std::make_unique<TurnLog>(context);
  // After the health, so that a new link is judged before whoever waits for it
  // is told.
  account->redeemer_ = std::make_unique<KeyRedeemer>(
      account->settings_, identity, ledger, loop, randomness, peers,
      *account->outbox_, *account->settlement_, account->counters_);
  account->lookups_ = std::make_unique<Lookups>(
      account->directory_, account->access_, account->counters_);
  account->admission_ =
      std::make_unique<Admission>(ledger, *account->settlement_,
                                  *account->restoration_, account->counters_);
  account->introductions_ = std::make_unique<Introductions>(
      context,
      [account = account.get()](store::InterlinkId id, bool is_paused) {
        account->health_->SetPausedByPeer(id, is_paused);
        if (is_paused) account->mirrors_.TakeBack(id);
      });
  account->peer_events_ =
      std::make_unique<PeerEvents>(ledger, loop, account->store_budget_);
  account->contact_alarm_ =
      std::make_unique<ContactAlarm>(context, *account->peer_events_);
  account->parts_ = std::make_unique<DirectoryParts>(
      account->directory_, account->numbers_->shared_observers(), loop);
  account->services_ = std::make_unique<SessionServices>(SessionServices{
      context, account->directory_, *account->parts_, account->mirrors_,
      *account->lookups_, *account->admission_, *account->removals_,
      *account->outbox_, *account->introductions_, *account->restoration_,
      *account->contact_alarm_, *account->peer_events_,
      account->message_budget_});
  account->sessions_ = std::make_unique<Sessions>(
      *account->services_, *account->health_, *starts,
      account->numbers_->shared_observers());
  account->outbox_->SetSessionRoute([sessions = account->sessions_.get()](
                                        auto&&... arguments) {
    return sessions->Terminate(std::forward<decltype(arguments)>(arguments)...);
  });
  account->resolver_ = std::make_unique<Resolver>(
      context, account->directory_, account->mirrors_, account->paused_,
      *account->sessions_, *account->contact_alarm_);
  return account;
}

absl::Status Account::OpenTables(store::Database& database) {
  auto ledger = Ledger::Open(identity_, database, loop_);
  if (!ledger.ok()) return ledger.status();
  ledger_ = *std::move(ledger);
  auto numbers =
      Numbers::Open(database, events(), loop_, settings_, directory_);
  if (!numbers.ok()) return numbers.status();
  numbers_ = *std::move(numbers);
  return absl::OkStatus();
}

void Account::Reload(AccountSettings settings) {
  settings_ = std::move(settings);
  TakeOver();
  resolver_->Reload();
  sessions_->IntroduceAll();
}

absl::StatusOr<v1::LookupResponse> Account::DecideLookup(
    const PeerCaller& caller, const v1::LookupRequest& request) {
  auto status = admission_->Decide(caller, request.interlink_id(),
                                   request.redeemed_proof());
  if (!status.ok()) return status;
  return lookups_->AnswerKnown(
      *store::InterlinkId::FromBytes(request.interlink_id()), request.number());
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
  if (const absl::Status failure = database_.failure(); !failure.ok()) {
    response.set_store_failure(std::string(failure.message()));
  }
  return response;
}

}  // namespace interlink::federation
