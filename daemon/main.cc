#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "daemon/config/config.h"
#include "daemon/config/mistakes.h"
#include "daemon/daemon.h"
#include "daemon/start_check.h"
#include "daemon/system/logging.h"
#include "daemon/system/process.h"
#include "daemon/system/signals.h"
#include "store/failpoint.h"
#include "store/rocksdb/restore.h"

// For jemalloc (daemon/CMakeLists.txt). Freed pages are given back at once: a
// connection's buffers of 17 KB are written in part only, and would otherwise
// lie in pages that handshakes of others have filled. One arena for all
// threads: a daemon that mostly waits gains nothing from several.
extern "C" const char* const malloc_conf =
    "dirty_decay_ms:0,muzzy_decay_ms:0,narenas:1";

namespace {

// A connection takes two descriptors, and the usual soft limit is 1024.
void AllowManyDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Restore(const interlink::daemon::Config& config) {
  using interlink::store::RestoreMode;
  const auto status = interlink::store::RestoreRocksDb(
      config.restore_from, config.data_dir,
      config.restore_as_new ? RestoreMode::kAsNew : RestoreMode::kSameAccount);
  if (!status.ok()) {
    std::cerr << "interlinkd: " << status.message() << "\n";
    return 1;
  }
  std::cout << config.restore_from << " is restored into " << config.data_dir
            << (config.restore_as_new
                    ? ", as a new account without links; start the "
                      "daemon\n"
                    : "; start the daemon, and generate anew the keys that "
                      "were pending\n");
  return 0;
}

// Prints what a start would refuse, or warn of.
int Check(const interlink::daemon::Config& config) {
  interlink::daemon::Mistakes mistakes = config.mistakes;
  mistakes.Add(interlink::daemon::CheckStart(config));
  for (const std::string& name : config.unknown_variables) {
    mistakes.Add("the variable " + name + " is no setting");
  }
  if (!mistakes.empty()) {
    std::cerr << mistakes.ToText();
    return 2;
  }
  for (const std::string& warning : interlink::daemon::StartWarnings(config)) {
    std::cerr << "interlinkd: warning: " << warning << "\n";
  }
  std::cout << "the configuration is good\n";
  return 0;
}

// Logs an exception of a library that nobody has caught, such as of memory that
// has run out.
[[noreturn]] void LogTerminate() {
  std::string what = "an unknown exception";
  try {
    if (auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  spdlog::critical("the daemon ends at once: {}", what);
  std::abort();
}

// From here on everything goes to the log: its format may be JSON, and the
// reader of standard error may have stopped.
int Serve(interlink::daemon::Config config,
          const interlink::daemon::RunningSettings::Read& read) {
  using interlink::daemon::Signals;
  Signals::Block();
  interlink::daemon::SetUpLogging(config.log_format, config.log_level);
  std::set_terminate(LogTerminate);
  for (const std::string& name : config.unknown_variables) {
    spdlog::warn("the variable {} is no setting", name);
  }
  interlink::daemon::Daemon daemon(std::move(config), read);
  Signals signals({.stop = [&daemon] { daemon.Stop(); },
                   .reload = [&daemon] { daemon.Reload(); }});
  if (auto status = daemon.Start(); !status.ok()) {
    spdlog::critical("{}", std::string(status.message()));
    return 1;
  }
  signals.Ready();
  daemon.Run();
  return 0;
}

int Main(int argc, char** argv) {
  using interlink::daemon::Config;
  if (auto status = interlink::store::ArmFailpoint(); !status.ok()) {
    std::cerr << "interlinkd: " << status.message() << "\n";
    return 2;
  }
  const auto read = [argc, argv] {
    return interlink::daemon::ReadConfig(argc, argv);
  };
  interlink::daemon::ConfigOrExit parsed = read();
  if (!parsed.config) {
    (parsed.exit_code == 0 ? std::cout : std::cerr) << parsed.text;
    return parsed.exit_code;
  }
  if (parsed.config->action == Config::Action::kPrintConfig) {
    std::cout << parsed.config->as_toml;
    return 0;
  }
  if (parsed.config->action == Config::Action::kCheckConfig) {
    return Check(*parsed.config);
  }
  if (parsed.config->action == Config::Action::kRestore) {
    return Restore(*parsed.config);
  }
  const int status = Serve(*std::move(parsed.config), read);
  interlink::daemon::FlushLog();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  interlink::TakeSignalsAsErrors();
  interlink::KeepOpensslUntilExit();
  AllowManyDescriptors();
  umask(077);  // The daemon's files are for nobody else.
  // Debian's Abseil looks for cycles at every lock, gRPC's included.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  try {
    return Main(argc, argv);
  } catch (const std::exception& error) {
    // A library's.
    std::cerr << "interlinkd: " << error.what() << "\n";
    return 1;
  }
}
