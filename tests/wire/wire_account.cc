#include "tests/wire/wire_account.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "federation/base/workplace.h"
#include "federation/ledger/interlink_update.h"
#include "federation/ledger/interlink_view.h"
#include "store/rocksdb/database.h"

namespace interlink::testing {
namespace {

template <class T>
T Require(absl::StatusOr<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << result.status();
    std::abort();
  }
  return *std::move(result);
}

template <class T>
T Wait(std::future<T> result) {
  if (result.wait_for(kPatience) != std::future_status::ready) {
    ADD_FAILURE() << "no answer came";
    std::abort();
  }
  return result.get();
}

}  // namespace

WireAccount::WireAccount(std::string name, Options options)
    : name_(std::move(name)),
      options_(std::move(options)),
      disk_(rocksdb::NewMemEnv(rocksdb::Env::Default())) {
  database_ = Require(store::OpenRocksDb("/account", disk_.get(),
                                         federation::WorkplaceOf(loop_)));
  identity_ = Require(federation::Identity::LoadOrCreate(
      *database_, randomness_, loop_.WallNow()));
  tls_ = std::make_unique<daemon::TlsIdentity>(*identity_, loop_);
  peers_ = std::make_unique<daemon::GrpcPeerClient>(loop_, *tls_);
  federation::AccountSettings settings;
  settings.account_name = name_;
  settings.contact = "sip:{number}@127.0.0.1";
  account_ = Require(federation::Account::Open(settings, *identity_, *database_,
                                               loop_, randomness_, *peers_));
  service_ = std::make_unique<daemon::FederationService>(loop_, *account_);
  thread_ = std::thread([this] { loop_.Run(); });
  Listen();
  settings.addresses = {address()};
  OnLoop([&] { account_->Reload(settings); });
}

WireAccount::~WireAccount() {
  StopListening();
  loop_.Stop();
  thread_.join();
}

void WireAccount::Listen() {
  listener_ = OnLoop([this] {
    return Require(
        daemon::PeerListener::Start(loop_, *tls_, *service_, options_));
  });
  options_.address = listener_->bound_address();
}

// The answer that the loop gives, some time, to the callback of `begin`.
template <class Answer, class Begin>
Answer WireAccount::Ask(Begin begin) {
  auto answered = std::make_shared<std::promise<Answer>>();
  auto future = answered->get_future();
  OnLoop([&] {
    begin(
        [answered](Answer answer) { answered->set_value(std::move(answer)); });
  });
  return Wait(std::move(future));
}

void WireAccount::StopListening() {
  if (listener_ == nullptr) return;
  listener_->Shutdown();
  OnLoop([this] { listener_.reset(); });
}

std::string WireAccount::GenerateKey(const std::string& name) {
  api::GenerateKeyRequest request;
  request.set_name(name);
  return Require(Ask<absl::StatusOr<api::GenerateKeyResponse>>([&](auto done) {
           account_->issuer().GenerateKey(request, std::move(done));
         }))
      .key();
}

absl::StatusOr<api::Interlink> WireAccount::Link(const std::string& name,
                                                 const std::string& key) {
  api::LinkAccountRequest request;
  request.set_name(name);
  request.set_key(key);
  return Ask<absl::StatusOr<api::Interlink>>([&](auto done) {
    account_->redeemer().LinkAccount(request, federation::kDefaultLinkWait,
                                     std::move(done));
  });
}

absl::Status WireAccount::Delete(const api::Interlink& row) {
  return Ask<absl::Status>([&](auto done) {
    account_->removals().DeleteInterlink(row.id(), std::move(done));
  });
}

void WireAccount::Pause(const api::Interlink& row) {
  api::UpdateInterlinkRequest request;
  request.mutable_interlink()->set_id(row.id());
  request.mutable_interlink()->set_paused(true);
  request.mutable_update_mask()->add_paths("paused");
  Require(Ask<absl::StatusOr<api::Interlink>>([&](auto done) {
    UpdateInterlink(account_->ledger(), request, std::move(done));
  }));
}

void WireAccount::AddNumber(const std::string& number) {
  api::CreateNumberRequest request;
  request.mutable_number()->set_number(number);
  request.mutable_number()->set_destination("sip:x@127.0.0.1");
  Require(Ask<absl::StatusOr<api::Number>>([&](auto done) {
    account_->numbers().Create(request, std::move(done));
  }));
}

absl::StatusOr<api::Resolution> WireAccount::Resolve(
    const std::string& number) {
  api::ResolveRequest request;
  request.set_number(number);
  if (auto local = account_->resolver().AnswerAtOnce(request)) return *local;
  std::promise<absl::StatusOr<api::Resolution>> result;
  auto future = result.get_future();
  OnLoop([&] {
    account_->resolver().AskPeers(
        request, [result = std::move(result)](
                     absl::StatusOr<api::Resolution> resolution) mutable {
          result.set_value(std::move(resolution));
        });
  });
  return Wait(std::move(future));
}

std::optional<api::Interlink> WireAccount::Row(const std::string& name) {
  return OnLoop([&]() -> std::optional<api::Interlink> {
    const federation::Row* row = account_->interlinks().FindByName(name);
    if (row == nullptr) return std::nullopt;
    return federation::ShowInterlink(*row);
  });
}

WireAccount::LookupAnswer WireAccount::CallLookup(
    const federation::PeerTarget& target,
    const federation::v1::LookupRequest& request,
    std::chrono::milliseconds timeout) {
  std::promise<LookupAnswer> result;
  auto future = result.get_future();
  OnLoop([&] {
    peers_->Lookup(target, request, timeout,
                   [result = std::move(result)](LookupAnswer answer) mutable {
                     result.set_value(std::move(answer));
                   });
  });
  return Wait(std::move(future));
}

federation::PeerPin WireAccount::pin() const {
  return {.account_id = identity_->account_id(),
          .roots = {identity_->root().ToDer()},
          .root_spki_sha256 = ""};
}

api::Interlink LinkAccounts(WireAccount& issuer, WireAccount& redeemer) {
  return Require(
      redeemer.Link(issuer.name(), issuer.GenerateKey(redeemer.name())));
}

federation::v1::LookupRequest LookupOver(const api::Interlink& row,
                                         const std::string& number) {
  federation::v1::LookupRequest request;
  request.set_interlink_id(store::InterlinkId::FromHex(row.id())->ToBytes());
  request.set_number(number);
  return request;
}

federation::Leaf LeafOf(WireAccount& account) {
  return account.tls().current()->leaf;
}

}  // namespace interlink::testing
