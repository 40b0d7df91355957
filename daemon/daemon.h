#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/api/api_backend.h"
#include "daemon/api/api_listener.h"
#include "daemon/config/config.h"
#include "daemon/doctor/doctor.h"
#include "daemon/http/http_server.h"
#include "daemon/http/status_pages.h"
#include "daemon/metrics.h"
#include "daemon/pbx_doors.h"
#include "daemon/peer/accept/federation_service.h"
#include "daemon/peer/accept/peer_listener.h"
#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/running_settings.h"
#include "daemon/shutdown.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/generation_file.h"
#include "daemon/system/loop_lag.h"
#include "daemon/system/measured_database.h"
#include "daemon/system/os_randomness.h"
#include "daemon/system/own_addresses.h"
#include "daemon/system/ready_file.h"
#include "daemon/system/service_reports.h"
#include "daemon/system/store_keeper.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "federation/identity/identity.h"
#include "federation/sessions/row_log.h"

namespace interlink::daemon {

// One account's daemon: builds all parts in order, runs them on one loop, and
// takes them down in reverse. Shutdown has the order in which they stop.
//
// Threading: Start(), Run() and the destructor on one thread, which Run() makes
// the loop.
class Daemon {
 public:
  // Reload() gets the settings from `read`.
  Daemon(Config config, RunningSettings::Read read);
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

 private:
  absl::Status OpenAccount();
  absl::Status OpenApi();
  absl::Status OpenHttp();
  // Logs the addresses, writes the ready file and tells the service manager.
  absl::Status AnnounceReady();
  void RunLoop();
  void ReloadConfig();
  // Hands the account its settings, and warns of those that may not be meant.
  void ApplyAccountSettings();
  // What /readyz and gRPC's health say.
  bool IsReady() const { return is_ready_ && store_keeper_->takes_changes(); }
  void PublishHealth();
  // Writes the generation to its file; warns of a store that is an older copy.
  void NoteGeneration();
  void ExamineStore(Findings& findings) const;
  void AnswerMetrics(TakeMetrics take);
  Shutdown::Steps StopSteps();

  const Config& config() const { return settings_.config(); }

  RunningSettings settings_;
  std::atomic<bool> is_reload_posted_ = false;
  AsioEventLoop loop_;
  ServiceReports service_;
  const federation::WallTime start_;
  federation::WallTime restored_;  // The latest restore that was logged.
  OsRandomness randomness_;
  std::unique_ptr<MeasuredDatabase> database_;
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
  std::unique_ptr<Journals> journals_;
  RpcCounts api_calls_;
  std::unique_ptr<BackupRunner> backups_;
  std::unique_ptr<Doctor> doctor_;
  std::vector<std::unique_ptr<ApiListener>> api_;
  std::unique_ptr<PbxDoors> pbx_doors_;
  std::unique_ptr<LoopLag> loop_lag_;
  StatusPages status_pages_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<ReadyFile> ready_file_;
  std::unique_ptr<OwnAddresses> addresses_;
  bool is_ready_ = false;
  Shutdown shutdown_;  // Last: its thread uses all of the above.
};

}  // namespace interlink::daemon
