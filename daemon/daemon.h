#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/api/api_listener.h"
#include "daemon/api/daemon_service.h"
#include "daemon/config/config.h"
#include "daemon/http/http_listener.h"
#include "daemon/peer/accept/federation_service.h"
#include "daemon/peer/accept/peer_listener.h"
#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/shutdown.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/generation_file.h"
#include "daemon/system/os_randomness.h"
#include "daemon/system/own_addresses.h"
#include "daemon/system/ready_file.h"
#include "daemon/system/store_keeper.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "federation/identity/identity.h"
#include "federation/sessions/row_log.h"
#include "store/database.h"

namespace interlink::daemon {

// One account's daemon: builds all parts in order, runs them on one loop, and
// takes them down in reverse. Shutdown has the order in which they stop.
//
// Threading: Start(), Run() and the destructor on one thread, which Run() makes
// the loop.
class Daemon {
 public:
  using ReadSettings = std::function<ConfigOrExit()>;

  // Reload() gets the settings from `read`.
  Daemon(Config config, ReadSettings read);
  ~Daemon();

  // Opens the store and all listeners. An error's message is for the
  // administrator; nothing is left running.
  absl::Status Start();

  // Serves until Stop(). If something throws on the loop, the process ends at
  // once, with status 1: what was answered is stored.
  void Run();

  // Ends Run() within two seconds, open streams or not, unless a disk stalls.
  // May be called from any thread.
  void Stop();

  // Takes over what can be changed while it runs; bad settings are logged and
  // change nothing. May be called from any thread.
  void Reload();

  // "host:port", for tests and the log. After Start().
  const std::string& federation_address() const {
    return peer_listener_->bound_address();
  }
  const std::string& http_address() const { return http_->address(); }

 private:
  absl::Status OpenAccount();
  absl::Status OpenApi();
  absl::Status OpenHttp();
  // Logs the addresses and writes the ready file.
  absl::Status AnnounceReady();
  void RunLoop();
  void ReloadConfig();
  // Hands the account its part of the configuration, and warns of settings that
  // may keep other accounts from reaching it.
  void ApplyAccountSettings();
  // What /readyz and gRPC's health say.
  bool IsReady() const { return is_ready_ && store_keeper_->takes_changes(); }
  void PublishHealth();
  // Notes the account's generation in its file, and warns if the store was
  // found to be an older copy.
  void NoteGeneration();
  std::string Metrics() const;
  Shutdown::Steps StopSteps();

  Config config_;
  const Config started_with_;  // What listeners are made of.
  const ReadSettings read_;
  AsioEventLoop loop_;
  const federation::WallTime start_;
  federation::WallTime restored_;  // The latest restore that was logged.
  OsRandomness randomness_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<StoreKeeper> store_keeper_;
  std::unique_ptr<federation::Identity> identity_;
  std::unique_ptr<TlsIdentity> tls_;
  std::unique_ptr<GenerationFile> generation_file_;
  std::unique_ptr<GrpcPeerClient> peers_;
  std::unique_ptr<federation::Account> account_;
  std::unique_ptr<federation::RowLog> row_log_;
  std::unique_ptr<federation::Observers<uint64_t>::Subscription> generations_;
  std::unique_ptr<FederationService> federation_;
  std::unique_ptr<PeerListener> peer_listener_;
  ApiStreams streams_;
  std::unique_ptr<BackupRunner> backups_;
  std::vector<std::unique_ptr<ApiListener>> api_;
  std::unique_ptr<HttpListener> http_;
  std::unique_ptr<ReadyFile> ready_file_;
  std::unique_ptr<OwnAddresses> addresses_;
  std::vector<std::string> standing_warnings_;  // Of reach; logged once each.
  bool is_ready_ = false;
  Shutdown shutdown_;  // Last: its thread uses all of the above.
};

}  // namespace interlink::daemon
