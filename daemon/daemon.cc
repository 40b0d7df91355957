#include "daemon/daemon.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <utility>

#include "daemon/api/api_credentials.h"
#include "daemon/config/account_settings.h"
#include "daemon/config/setting_changes.h"
#include "daemon/metrics.h"
#include "daemon/start_check.h"
#include "daemon/system/logging.h"
#include "federation/base/reach.h"
#include "store/failpoint.h"
#include "store/records.h"
#include "store/rocksdb/database.h"

namespace interlink::daemon {

Daemon::Daemon(Config config, ReadSettings read)
    : config_(std::move(config)),
      started_with_(config_),
      read_(std::move(read)),
      start_(loop_.WallNow()),
      restored_(start_),
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
  if (auto status = CheckStart(config_).ToStatus(); !status.ok()) return status;
  if (auto status = OpenAccount(); !status.ok()) return status;
  if (!config_.ready_file.empty()) {
    auto status = ReadyFile::Clear(config_.ready_file);
    if (!status.ok()) return config_.Of("ready-file", status);
  }
  // The account answers before anybody can ask.
  federation_ = std::make_unique<FederationService>(loop_, *account_);
  PeerListener::Options options;
  options.address = config_.federation_listen;
  options.max_connections = config_.max_connections;
  options.max_unlinked_per_source = config_.max_connections_per_source;
  options.trusted_proxies = config_.trusted_proxies;
  auto peer_listener = PeerListener::Start(loop_, *tls_, *federation_, options);
  if (!peer_listener.ok()) {
    return config_.Of("federation-listen", peer_listener.status());
  }
  peer_listener_ = *std::move(peer_listener);
  // Peers are told the port, which is known only now.
  addresses_ = std::make_unique<OwnAddresses>(
      loop_, peer_listener_->bound_address(), HostInNetwork,
      [this] { ApplyAccountSettings(); });
  addresses_->Set(config_.advertise);
  ApplyAccountSettings();
  row_log_ = std::make_unique<federation::RowLog>(
      loop_, account_->interlinks(),
      [](const std::string& line) { spdlog::info(line); });
  if (auto status = OpenApi(); !status.ok()) return status;
  if (auto status = OpenHttp(); !status.ok()) return status;
  is_ready_ = true;
  PublishHealth();
  return AnnounceReady();
}

absl::Status Daemon::OpenAccount() {
  std::error_code error;
  std::filesystem::create_directories(config_.data_dir, error);
  if (error) {
    return absl::UnavailableError("cannot make the data directory " +
                                  config_.data_dir + ": " + error.message() +
                                  "; choose another with --data-dir");
  }
  // It holds the account's key, and others may have got access since: mounting
  // a volume for a group gives it.
  std::filesystem::permissions(config_.data_dir,
                               std::filesystem::perms::owner_all, error);
  if (error) {
    spdlog::warn("the data directory {} may be open to others: {}",
                 config_.data_dir, error.message());
  }
  auto database = store::OpenRocksDb(config_.data_dir);
  if (!database.ok()) return database.status();
  database_ = *std::move(database);
  store_keeper_ = std::make_unique<StoreKeeper>(*database_, loop_,
                                                [this] { PublishHealth(); });
  const auto earlier = database_->Get(store::kAccountKey);
  auto identity = federation::Identity::LoadOrCreate(*database_, randomness_,
                                                     loop_.WallNow());
  if (!identity.ok()) return identity.status();
  if (earlier.ok() && !*earlier) {
    spdlog::warn(
        "{} held no account, so a new one, {}, was made; if it should have "
        "held "
        "one, stop the daemon and check --data-dir",
        config_.data_dir, identity->account_id().ToHex());
  }
  identity_ = std::make_unique<federation::Identity>(*std::move(identity));
  tls_ = std::make_unique<TlsIdentity>(*identity_, loop_);
  peers_ = std::make_unique<GrpcPeerClient>(loop_, *tls_);
  const std::string noted = config_.data_dir + "/generation";
  auto generation = GenerationFile::Read(noted, identity_->account_id());
  if (absl::IsUnavailable(generation.status())) return generation.status();
  if (!generation.ok()) {
    spdlog::warn("{}", std::string(generation.status().message()));
  }
  auto account = federation::Account::Open(
      SettingsFrom(config_, {}), *identity_, *database_, loop_, randomness_,
      *peers_, generation.value_or(0));
  if (!account.ok()) return account.status();
  account_ = *std::move(account);
  generation_file_ =
      std::make_unique<GenerationFile>(noted, identity_->account_id());
  NoteGeneration();
  generations_ = account_->generation().observers().Add(
      [this](uint64_t) { NoteGeneration(); });
  return absl::OkStatus();
}

void Daemon::PublishHealth() {
  for (auto& listener : api_) listener->SetServing(IsReady());
}

void Daemon::NoteGeneration() {
  const store::v1::GenerationRecord& record = account_->generation().record();
  generation_file_->Note(record.count());
  const federation::WallTime restored =
      store::FromTimestamp(record.restore_time());
  if (restored <= restored_) return;
  restored_ = restored;
  spdlog::warn(
      "{}, so pending keys are void; look through the interlinks for some that "
      "were deleted since",
      record.restore_sign());
}

absl::Status Daemon::OpenApi() {
  backups_ = std::make_unique<BackupRunner>(*database_);
  const ApiBackend backend{loop_, *account_, streams_, *backups_};
  const auto add = [this](const char* setting,
                          absl::StatusOr<std::unique_ptr<ApiListener>> opened) {
    if (!opened.ok()) return config_.Of(setting, opened.status());
    api_.push_back(*std::move(opened));
    return absl::OkStatus();
  };
  auto status = add("api-socket", ApiListener::OnSocket(
                                      backend, config_.api_socket,
                                      config_.api_socket_group, Role::kAdmin));
  if (status.ok() && !config_.pbx_socket.empty()) {
    status = add("pbx-socket",
                 ApiListener::OnSocket(backend, config_.pbx_socket,
                                       config_.pbx_socket_group, Role::kPbx));
  }
  if (status.ok() && !config_.api_listen.empty()) {
    status = add("api-listen", ApiListener::OnTcp(backend, config_.api_listen,
                                                  ApiTlsFilesOf(config_)));
  }
  return status;
}

absl::Status Daemon::OpenHttp() {
  if (config_.http_listen == "none") return absl::OkStatus();
  auto http = HttpListener::Start(loop_, config_.http_listen,
                                  {.metrics = [this] { return Metrics(); },
                                   .is_ready = [this] { return IsReady(); }});
  if (!http.ok()) return config_.Of("http-listen", http.status());
  http_ = *std::move(http);
  return absl::OkStatus();
}

std::string Daemon::Metrics() const {
  uint64_t api_turned_away = 0;
  for (const auto& listener : api_) api_turned_away += listener->turned_away();
  return MetricsText({.account = *account_,
                      .loop = loop_,
                      .tls = *tls_,
                      .peers = *peer_listener_,
                      .store = *store_keeper_,
                      .api_turned_away = api_turned_away,
                      .http_turned_away = http_->turned_away(),
                      .log_lines_dropped = LogLinesDropped(),
                      .start = start_});
}

absl::Status Daemon::AnnounceReady() {
  const std::string account_id = identity_->account_id().ToHex();
  ReadyFile::Lines lines = {{"federation", peer_listener_->bound_address()}};
  for (const auto& listener : api_) {
    const std::string& address = listener->address();
    if (address == "unix:" + config_.api_socket) {
      lines.emplace_back("api", address);
    } else if (address == "unix:" + config_.pbx_socket) {
      lines.emplace_back("pbx", address);
    } else if (address.rfind("unix:", 0) != 0) {
      lines.emplace_back("api_tcp", address);
    }
  }
  if (http_ != nullptr) lines.emplace_back("http", http_->address());
  lines.emplace_back("account_id", account_id);
  lines.emplace_back("pid", std::to_string(getpid()));
  for (const auto& [name, value] : lines) {
    spdlog::info("ready: {} {}", name, value);
  }
  store::PassFailpoint("start/unready");
  if (config_.ready_file.empty()) return absl::OkStatus();
  auto file = ReadyFile::Write(config_.ready_file, lines);
  if (!file.ok()) return config_.Of("ready-file", file.status());
  ready_file_ = *std::move(file);
  return absl::OkStatus();
}

void Daemon::Run() {
  RunLoop();
  shutdown_.Await();
  // In reverse of Start(). Nothing calls in any more.
  ready_file_.reset();
  http_.reset();
  api_.clear();
  peer_listener_.reset();
  federation_.reset();
  addresses_.reset();
  row_log_.reset();
  generations_.reset();
  account_.reset();
  generation_file_.reset();
  peers_.reset();
  tls_.reset();
  if (const std::string left = backups_->unfinished(); !left.empty()) {
    // A backup cannot be called off, and needs the store until it is done.
    spdlog::warn(
        "stopped; the backup into {0} is incomplete: remove "
        "{0}.partial",
        left);
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
                ready_file_.reset();
                PublishHealth();
                streams_.EndAll();
                account_->redeemer().EndWaits();
                backups_->Abandon();
              },
          .close_api =
              [this](std::chrono::system_clock::time_point deadline) {
                for (auto& listener : api_) listener->Shutdown(deadline);
              },
          // Peers that know why dial anew, instead of waiting for a pong.
          .say_goodbye =
              [this](std::function<void()> told) {
                account_->sessions().EndAll(
                    absl::UnavailableError("it was stopped"), std::move(told));
              },
          .close_peers = [this] { peer_listener_->Shutdown(); }};
}

void Daemon::Reload() {
  loop_.Post([this] { ReloadConfig(); });
}

void Daemon::ReloadConfig() {
  ConfigOrExit read = read_();
  if (!read.config) {
    for (const std::string& mistake : read.mistakes.sentences()) {
      spdlog::error("the new settings are bad: {}", mistake);
    }
    spdlog::error("the settings stay as they were");
    return;
  }
  const std::string changed = ChangedSettings(config_, *read.config);
  config_ = *std::move(read.config);
  SetUpLogging(config_.log_format, config_.log_level);
  addresses_->Set(config_.advertise);
  ApplyAccountSettings();
  spdlog::info("settings read again; {}",
               changed.empty() ? "none has changed" : "changed: " + changed);
  for (const std::string& setting : WaitingForRestart(started_with_, config_)) {
    spdlog::warn("{}", setting);
  }
}

void Daemon::ApplyAccountSettings() {
  federation::AccountSettings settings =
      SettingsFrom(config_, addresses_->addresses());
  std::vector<std::string> warnings = federation::ReachWarnings(settings);
  for (const std::string& warning : warnings) {
    const auto& known = standing_warnings_;
    if (std::find(known.begin(), known.end(), warning) == known.end()) {
      spdlog::warn("{}", warning);
    }
  }
  standing_warnings_ = std::move(warnings);
  account_->Reload(std::move(settings));
}

}  // namespace interlink::daemon
