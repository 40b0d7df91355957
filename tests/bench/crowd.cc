#include "tests/bench/crowd.h"

#include <algorithm>
#include <future>
#include <utility>

#include "daemon/peer/accept/federation_service.h"
#include "daemon/peer/accept/peer_listener.h"
#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "federation/base/workplace.h"
#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/bench/daemon_process.h"
#include "tests/bench/figures.h"

namespace interlink::bench {

struct Crowd::Member {
  std::unique_ptr<rocksdb::Env> disk{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<store::Database> database;
  std::unique_ptr<federation::Identity> identity;
  std::unique_ptr<daemon::TlsIdentity> tls;
  std::unique_ptr<daemon::GrpcPeerClient> peers;
  std::unique_ptr<federation::Account> account;
  std::unique_ptr<daemon::FederationService> service;
  std::unique_ptr<daemon::PeerListener> listener;
};

Crowd::Crowd(int size, bool listens) : listens_(listens) {
  for (int i = 0; i < size; ++i) {
    auto member = std::make_unique<Member>();
    member->database = OrFail(store::OpenRocksDb(
        "/store", member->disk.get(), federation::WorkplaceOf(loop_)));
    member->identity = std::make_unique<federation::Identity>(
        OrFail(federation::Identity::LoadOrCreate(
            *member->database, randomness_, loop_.WallNow())));
    member->tls =
        std::make_unique<daemon::TlsIdentity>(*member->identity, loop_);
    member->peers =
        std::make_unique<daemon::GrpcPeerClient>(loop_, *member->tls);
    federation::AccountSettings settings;
    settings.account_name = "member " + std::to_string(i);
    settings.contact = "sip:{number}@member.test";
    member->account = OrFail(federation::Account::Open(
        settings, *member->identity, *member->database, loop_, randomness_,
        *member->peers));
    if (listens) {
      member->service =
          std::make_unique<daemon::FederationService>(loop_, *member->account);
      daemon::PeerListener::Options options;
      options.address = "127.0.0.1:0";
      options.counts_streams = false;
      member->listener = OrFail(daemon::PeerListener::Start(
          loop_, *member->tls, *member->service, options));
      settings.addresses = {member->listener->bound_address()};
      member->account->Reload(settings);
    }
    members_.push_back(std::move(member));
  }
  thread_ = std::thread([this] { loop_.Run(); });
}

Crowd::~Crowd() {
  for (auto& member : members_) {
    if (member->listener != nullptr) member->listener->Shutdown();
  }
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
  for (auto& member : members_) {
    member->listener.reset();
    member->service.reset();
    member->account.reset();
    member->peers.reset();
    member->tls.reset();
  }
}

void Crowd::OnLoop(const std::function<void()>& task) {
  std::promise<void> done;
  loop_.Post([&] {
    task();
    done.set_value();
  });
  done.get_future().get();
}

void Crowd::AddNumbers(int first, int count) {
  constexpr int kChunk = 500;
  for (auto& member : members_) {
    for (int done = 0; done < count; done += kChunk) {
      v1::ImportNumbersRequest chunk;
      for (int i = done; i < std::min(done + kChunk, count); ++i) {
        auto& number = *chunk.add_entries()->mutable_number();
        number.set_number(std::to_string(first + i));
        number.set_name("A name, 16 bytes");
        number.set_destination("sip:x@10.0.0.5");
      }
      std::promise<absl::StatusOr<v1::ImportNumbersResponse>> stored;
      OnLoop([&] {
        member->account->numbers().Import(std::move(chunk), [&](auto outcome) {
          stored.set_value(std::move(outcome));
        });
      });
      const auto outcome = stored.get_future().get();
      if (!outcome.ok() || outcome->refused_count() > 0) Fail("import");
    }
    first += count;
  }
}

void Crowd::AskForCallTokens() {
  OnLoop([&] {
    for (auto& member : members_) {
      federation::AccountSettings settings = member->account->settings();
      settings.asks_for_call_tokens = true;
      member->account->Reload(settings);
    }
  });
}

void Crowd::LinkWith(DaemonProcess& daemon) {
  if (listens_ == daemon.is_reachable()) Fail("only one side may be dialled");
  for (size_t i = 0; i < members_.size(); ++i) {
    federation::Account& account = *members_[i]->account;
    const std::string name = "member " + std::to_string(i);
    if (listens_) {
      v1::GenerateKeyRequest request;
      request.set_name("the daemon");
      std::promise<absl::StatusOr<v1::GenerateKeyResponse>> generated;
      OnLoop([&] {
        account.issuer().GenerateKey(
            request, [&](auto answer) { generated.set_value(answer); });
      });
      daemon.Link(name, OrFail(generated.get_future().get()).key());
      continue;
    }
    v1::LinkAccountRequest request;
    request.set_name("the daemon");
    request.set_key(daemon.GenerateKey(name));
    std::promise<absl::StatusOr<v1::Interlink>> linked;
    loop_.Post([&] {
      account.redeemer().LinkAccount(
          request, std::chrono::seconds(10),
          [&](absl::StatusOr<v1::Interlink> row) { linked.set_value(row); });
    });
    OrFail(linked.get_future().get());
  }
}

}  // namespace interlink::bench
