#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "daemon/peer/accept/federation_service.h"
#include "daemon/peer/accept/peer_listener.h"
#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/os_randomness.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "rocksdb/env.h"
#include "store/database.h"
#include "tests/support/eventually.h"

namespace interlink::testing {

namespace api = ::interlink::v1;

// One account with everything that a daemon has towards its peers: the shipping
// loop on its own thread, TLS, listener and client, on a loopback port that the
// system gives.
//
// Threading: one thread, which is not the account's own.
class WireAccount {
 public:
  using Options = daemon::PeerListener::Options;

  static Options OnLoopback() {
    Options options;
    options.address = "127.0.0.1:0";
    return options;
  }

  explicit WireAccount(std::string name, Options options = OnLoopback());
  ~WireAccount();

  // Runs `task` on the loop and returns its result.
  template <class Task>
  auto OnLoop(Task task) -> decltype(task()) {
    std::packaged_task<decltype(task())()> packaged(std::move(task));
    auto result = packaged.get_future();
    loop_.Post([&packaged] { packaged(); });
    return result.get();
  }

  // Peers can or cannot connect; the port stays the same.
  void StopListening();
  void Listen();

  // The administrator's actions; those that are answered later are waited for.
  std::string GenerateKey(const std::string& name);
  absl::StatusOr<api::Interlink> Link(const std::string& name,
                                      const std::string& key);
  absl::Status Delete(const api::Interlink& row);
  void Pause(const api::Interlink& row);
  void AddNumber(const std::string& number);
  absl::StatusOr<api::Resolution> Resolve(const std::string& number);
  // nullopt if there is no row of that name.
  std::optional<api::Interlink> Row(const std::string& name);

  // Calls a peer as this account's rules do.
  using LookupAnswer = federation::PeerAnswer<federation::v1::LookupResponse>;
  LookupAnswer CallLookup(
      const federation::PeerTarget& target,
      const federation::v1::LookupRequest& request = {},
      std::chrono::milliseconds timeout = std::chrono::seconds(5));

  // What a linked account has stored of this one.
  federation::PeerPin pin() const;
  const std::string& address() const { return options_.address; }
  federation::PeerTarget target() const { return {address(), pin()}; }

  const std::string& name() const { return name_; }
  daemon::AsioEventLoop& loop() { return loop_; }
  daemon::TlsIdentity& tls() { return *tls_; }
  daemon::PeerListener& listener() { return *listener_; }
  const federation::Identity& identity() const { return *identity_; }
  federation::Account& account() { return *account_; }

 private:
  template <class Answer, class Begin>
  Answer Ask(Begin begin);
  const std::string name_;
  Options options_;
  std::unique_ptr<rocksdb::Env> disk_;
  daemon::OsRandomness randomness_;
  daemon::AsioEventLoop loop_;
  std::unique_ptr<store::Database> database_;
  std::optional<federation::Identity> identity_;
  std::unique_ptr<daemon::TlsIdentity> tls_;
  std::unique_ptr<daemon::GrpcPeerClient> peers_;
  std::unique_ptr<federation::Account> account_;
  std::unique_ptr<daemon::FederationService> service_;
  std::unique_ptr<daemon::PeerListener> listener_;
  std::thread thread_;
};

// `redeemer` enters a key of `issuer`; each names the other by its name. The
// row as the redeemer sees it.
api::Interlink LinkAccounts(WireAccount& issuer, WireAccount& redeemer);

// What it shows to peers.
federation::Leaf LeafOf(WireAccount& account);

// A request over the link `row`, for a number or for a sign of life.
federation::v1::LookupRequest LookupOver(const api::Interlink& row,
                                         const std::string& number = "");

}  // namespace interlink::testing
