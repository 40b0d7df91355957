#include "daemon/daemon.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <utility>

#include "daemon/api/api_credentials.h"
#include "daemon/config/account_settings.h"
#include "daemon/config/door_warnings.h"
#include "daemon/sip/contact.h"
#include "daemon/start_check.h"
#include "daemon/system/logging.h"
#include "federation/base/reach.h"
#include "federation/base/workplace.h"
#include "store/failpoint.h"
#include "store/records.h"
#include "store/rocksdb/database.h"

namespace interlink::daemon {
namespace {

std::string Variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

}  // namespace

Daemon::Daemon(Config config, RunningSettings::Read read)
    : settings_(std::move(config), std::move(read)),
      service_(loop_, ServiceReports::WantedBy(Variable, getpid())),
      start_(loop_.WallNow()),
      restored_(start_),
      streams_(loop_),
      api_calls_({v1::GetAccountRequest::descriptor()->file(),
                  v1::ExamineRequest::descriptor()->file()}),
      status_pages_(
          [this](TakeMetrics take) { AnswerMetrics(std::move(take)); },
          [this] { return IsReady(); },
          [this] { return settings_.failure().empty(); }),
      shutdown_(loop_, StopSteps()) {}

Daemon::~Daemon() {
  shutdown_.Await();
  // If Run() was never called, the servers still stand, and need the loop to
  // end their calls.
  if (!shutdown_.has_begun() && peer_listener_ != nullptr) {
    Stop();
    Run();
  }
}

absl::Status Daemon::Start() {
  if (auto status = CheckStart(config()).ToStatus(); !status.ok())
    return status;
  if (auto status = OpenAccount(); !status.ok()) return status;
  if (!config().ready_file.empty()) {
    auto status = ReadyFile::Clear(config().ready_file);
    if (!status.ok()) return config().Of("ready-file", status);
  }
  // The account answers before anybody can ask.
  federation_ = std::make_unique<FederationService>(loop_, *account_);
  PeerListener::Options options;
  options.address = config().federation_listen;
  options.max_connections = config().max_connections;
  options.max_unlinked = Config::kMaxUnlinked;
  options.max_unlinked_per_source = config().max_connections_per_source;
  options.trusted_proxies = config().trusted_proxies;
  auto peer_listener = PeerListener::Start(loop_, *tls_, *federation_, options);
  if (!peer_listener.ok()) {
    return config().Of("federation-listen", peer_listener.status());
  }
  peer_listener_ = *std::move(peer_listener);
  // Peers are told the port, which is known only now.
  addresses_ = std::make_unique<OwnAddresses>(
      loop_, peer_listener_->bound_address(), HostInNetwork,
      [this] { ApplyAccountSettings(); });
  addresses_->Set(config().advertise);
  ApplyAccountSettings();
  row_log_ = std::make_unique<federation::RowLog>(
      loop_, account_->interlinks(),
      [](const std::string& line) { spdlog::info(line); });
  if (auto status = OpenApi(); !status.ok()) return status;
  auto pbx_doors = PbxDoors::Open(config(), loop_, *account_, randomness_);
  if (!pbx_doors.ok()) return pbx_doors.status();
  pbx_doors_ = *std::move(pbx_doors);
  pbx_doors_->OnNewPlaces([this] { ApplyAccountSettings(); });
  ApplyAccountSettings();  // No route may lead to a door.
  if (auto status = OpenHttp(); !status.ok()) return status;
  loop_lag_ = std::make_unique<LoopLag>(loop_);
  is_ready_ = true;
  PublishHealth();
  return AnnounceReady();
}

absl::Status Daemon::OpenAccount() {
  std::error_code error;
  std::filesystem::create_directories(config().data_dir, error);
  if (error) {
    return absl::UnavailableError("cannot make the data directory " +
                                  config().data_dir + ": " + error.message() +
                                  "; choose another with --data-dir");
  }
  // It holds the account's key; mounting a volume may open it to a group.
  std::filesystem::permissions(config().data_dir,
                               std::filesystem::perms::owner_all, error);
  if (error) {
    spdlog::warn("the data directory {} may be open to others: {}",
                 config().data_dir, error.message());
  }
  auto database = store::OpenRocksDb(config().data_dir, nullptr,
                                     federation::WorkplaceOf(loop_));
  if (!database.ok()) return database.status();
  database_ = std::make_unique<MeasuredDatabase>(*std::move(database), loop_,
                                                 service_.disk_wait());
  service_.WatchDisk([this] { return database_->waited(); });
  store_keeper_ = std::make_unique<StoreKeeper>(*database_, loop_,
                                                [this] { PublishHealth(); });
  const auto earlier = database_->Get(store::kAccountKey);
  auto identity = federation::Identity::LoadOrCreate(*database_, randomness_,
                                                     loop_.WallNow());
  if (!identity.ok()) return identity.status();
  if (earlier.ok() && !*earlier) {
    spdlog::warn(
        "{} held no account, so a new one, {}, was made; if it should have "
        "held one, stop the daemon and check --data-dir",
        config().data_dir, identity->account_id().ToHex());
  }
  identity_ = std::make_unique<federation::Identity>(*std::move(identity));
  tls_ = std::make_unique<TlsIdentity>(*identity_, loop_);
  peers_ = std::make_unique<GrpcPeerClient>(loop_, *tls_);
  const std::string noted = config().data_dir + "/generation";
  auto generation = GenerationFile::Read(noted, identity_->account_id());
  if (absl::IsUnavailable(generation.status())) return generation.status();
  if (!generation.ok()) {
    spdlog::warn("{}", std::string(generation.status().message()));
  }
  auto account = federation::Account::Open(
      SettingsFrom(config(), {}), *identity_, *database_, loop_, randomness_,
      *peers_, generation.value_or(0));
  if (!account.ok()) return account.status();
  account_ = *std::move(account);
  account_->traces().SetWrite(
      [](const std::string& line) { spdlog::info("{}", line); });
  generation_file_ =
      std::make_unique<GenerationFile>(noted, identity_->account_id());
  NoteGeneration();
  generations_ = account_->generation().observers().Add(
      [this](uint64_t) { NoteGeneration(); });
  return absl::OkStatus();
}

void Daemon::PublishHealth() {
  for (auto& listener : api_) listener->SetServing(IsReady());
  if (pbx_doors_ != nullptr) pbx_doors_->SetServing(IsReady());
}

void Daemon::NoteGeneration() {
  const store::v1::GenerationRecord& record = account_->generation().record();
  generation_file_->Note(record.count());
  const federation::WallTime restored =
      store::FromTimestamp(record.restore_time());
  if (restored <= restored_) return;
  restored_ = restored;
  spdlog::warn(
      "{}, so pending keys are void; links that were deleted since then may be "
      "back: delete them again",
      record.restore_sign());
}

void Daemon::ExamineStore(Findings& findings) const {
  const std::string trouble = store_keeper_->trouble();
  trouble.empty() ? findings.Ok("store", "takes changes")
                  : findings.Fault("store", trouble);
}

absl::Status Daemon::OpenApi() {
  backups_ = std::make_unique<BackupRunner>(*database_);
  doctor_ = std::make_unique<Doctor>(Doctor::Patient{
      .loop = loop_,
      .account = *account_,
      .identity = *identity_,
      .tls = *tls_,
      .peers = *peers_,
      .start = loop_.Now(),
      .data_dir = config().data_dir,
      .listens_at = peer_listener_->bound_address(),
      .examine =
          [this](Findings& findings) {
            settings_.Examine(findings);
            ExamineStore(findings);
            pbx_doors_->ExamineToken(config(), findings);
          },
      .sip_door = [this] { return pbx_doors_->StandingSip(config()); },
      .http_door = [this] { return pbx_doors_->StandingHttp(config()); },
      .sip_leads_to = CanBeContact});
  journals_ = std::make_unique<Journals>(loop_, *account_);
  const ApiBackend backend{
      loop_,      *account_,  streams_,
      *journals_, *backups_,  *store_keeper_,
      *doctor_,   api_calls_, [this] { return settings_.failure(); }};
  const auto add = [this](const char* setting,
                          absl::StatusOr<std::unique_ptr<ApiListener>> opened) {
    if (!opened.ok()) return config().Of(setting, opened.status());
    api_.push_back(*std::move(opened));
    return absl::OkStatus();
  };
  auto status = add("api-socket", ApiListener::OnSocket(
                                      backend, config().api_socket,
                                      config().api_socket_group, Role::kAdmin));
  if (status.ok() && !config().pbx_socket.empty()) {
    status = add("pbx-socket",
                 ApiListener::OnSocket(backend, config().pbx_socket,
                                       config().pbx_socket_group, Role::kPbx));
  }
  if (status.ok() && !config().api_listen.empty()) {
    status = add("api-listen", ApiListener::OnTcp(backend, config().api_listen,
                                                  ApiTlsFilesOf(config())));
  }
  return status;
}

absl::Status Daemon::OpenHttp() {
  if (config().http_listen == "none") return absl::OkStatus();
  auto http = HttpServer::Start(loop_, status_pages_,
                                {.address = config().http_listen,
                                 .setting = "--http-listen",
                                 .host_names = config().pbx_http_host});
  if (!http.ok()) return config().Of("http-listen", http.status());
  http_ = *std::move(http);
  return absl::OkStatus();
}

void Daemon::AnswerMetrics(TakeMetrics take) {
  uint64_t api_turned_away = 0;
  for (const auto& listener : api_) api_turned_away += listener->turned_away();
  WriteMetrics({.account = *account_,
                .loop = loop_,
                .tls = *tls_,
                .peers = *peer_listener_,
                .store = *store_keeper_,
                .commit_times = database_->commit_times(),
                .loop_lags = loop_lag_->times(),
                .api_calls = api_calls_,
                .peer_calls = federation_->counts(),
                .calls_to_peers = peers_->counts(),
                .api_turned_away = api_turned_away,
                .http_turned_away = http_->turned_away(),
                .pbx_http = pbx_doors_->http(),
                .sip = pbx_doors_->sip(),
                .log_lines_dropped = LogLinesDropped(),
                .is_reload_refused = !settings_.failure().empty(),
                .start = start_},
               std::move(take));
}

absl::Status Daemon::AnnounceReady() {
  const std::string account_id = identity_->account_id().ToHex();
  ReadyFile::Lines lines = {{"federation", peer_listener_->bound_address()}};
  for (const auto& listener : api_) {
    const std::string& address = listener->address();
    if (address == "unix:" + config().api_socket) {
      lines.emplace_back("api", address);
    } else if (address == "unix:" + config().pbx_socket) {
      lines.emplace_back("pbx", address);
    } else if (address.rfind("unix:", 0) != 0) {
      lines.emplace_back("api_tcp", address);
    }
  }
  if (http_ != nullptr) lines.emplace_back("http", http_->address());
  pbx_doors_->AddTo(lines);
  lines.emplace_back("account_id", account_id);
  lines.emplace_back("pid", std::to_string(getpid()));
  for (const auto& [name, value] : lines) {
    spdlog::info("ready: {} {}", name, value);
  }
  store::PassFailpoint("start/unready");
  if (!config().ready_file.empty()) {
    auto file = ReadyFile::Write(config().ready_file, lines);
    if (!file.ok()) return config().Of("ready-file", file.status());
    ready_file_ = *std::move(file);
  }
  service_.Ready("account " + account_id + ", peers connect to " +
                 peer_listener_->bound_address());
  return absl::OkStatus();
}

void Daemon::Run() {
  RunLoop();
  shutdown_.Await();
  // In reverse of Start(). Nothing calls in any more.
  ready_file_.reset();
  loop_lag_.reset();
  http_.reset();
  pbx_doors_.reset();
  api_.clear();
  journals_.reset();
  doctor_.reset();
  row_log_.reset();
  addresses_.reset();
  peer_listener_.reset();
  federation_.reset();
  generations_.reset();
  account_.reset();
  generation_file_.reset();
  peers_.reset();
  tls_.reset();
  if (const std::string left = backups_->unfinished(); !left.empty()) {
    // A backup cannot be called off, and needs the store until it is done.
    spdlog::warn(
        "stopped; the backup into {0} is incomplete: remove {0}.partial", left);
    FlushLog();
    std::_Exit(EXIT_SUCCESS);
  }
  backups_.reset();
  store_keeper_.reset();
  database_.reset();
  spdlog::info("stopped");
}

// Only a library throws. Nobody knows what it interrupted, so an orderly end is
// out of the question.
void Daemon::RunLoop() {
  try {
    loop_.Run();
  } catch (const std::exception& error) {
    spdlog::critical("the daemon ends at once: {}", error.what());
    std::_Exit(EXIT_FAILURE);
  }
}

void Daemon::Stop() { shutdown_.Begin(); }

Shutdown::Steps Daemon::StopSteps() {
  return {.release_clients =
              [this] {
                is_ready_ = false;
                service_.Stopping();
                ready_file_.reset();
                PublishHealth();
                streams_.EndAll();
                account_->redeemer().EndWaits();
                backups_->Abandon();
                doctor_->Finish();
              },
          .close_api =
              [this](std::chrono::system_clock::time_point deadline) {
                for (auto& listener : api_) listener->Shutdown(deadline);
              },
          // Peers that know why dial anew, instead of waiting for a pong.
          .say_goodbye =
              [this](std::function<void()> told) {
                account_->sessions().EndAll(FederationService::Stopped(),
                                            std::move(told));
              },
          .close_peers = [this] { peer_listener_->Shutdown(); }};
}

void Daemon::Reload() {
  // One that waits will read what is there then.
  if (is_reload_posted_.exchange(true)) return;
  loop_.Post([this] {
    is_reload_posted_ = false;
    if (pbx_doors_ == nullptr) return;  // The start has failed.
    service_.Reloading();
    ReloadConfig();
    service_.Reloaded();
  });
}

void Daemon::ReloadConfig() {
  auto fresh = settings_.ReadAgain();
  if (!fresh) return;
  const auto has_new_secret = pbx_doors_->Reload(*fresh);
  if (!has_new_secret.ok()) return settings_.Refuse(has_new_secret.status());
  SetUpLogging(fresh->log_format, fresh->log_level);
  settings_.Adopt(*std::move(fresh), *has_new_secret);
  addresses_->Set(config().advertise);
  ApplyAccountSettings();
  if (http_ != nullptr) http_->SetHostNames(config().pbx_http_host);
}

void Daemon::ApplyAccountSettings() {
  federation::AccountSettings settings =
      SettingsFrom(config(), addresses_->addresses());
  if (pbx_doors_ != nullptr) settings.doors = pbx_doors_->Places();
  std::vector<std::string> warnings = federation::ReachWarnings(settings);
  for (std::string& warning : DoorWarnings(config())) {
    warnings.push_back(std::move(warning));
  }
  settings_.Warn(std::move(warnings));
  account_->Reload(std::move(settings));
}

}  // namespace interlink::daemon
