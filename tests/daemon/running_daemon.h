#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "daemon/daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {

using interlink::testing::kPatience;

// A whole daemon in this process, with a thread, a directory, ports and sockets
// of its own.
//
// Threading: one thread, which is not the daemon's.
class RunningDaemon {
 public:
  // `change` may change the settings before the start.
  explicit RunningDaemon(const std::function<void(Config&)>& change =
                             [](Config&) {});
  ~RunningDaemon();

  // The result of Start(). If it is an error, nothing below may be called.
  const absl::Status& started() const { return started_; }

  // Returns when it has ended. May be called again.
  void Stop();

  // Has it read its settings again: those that it was started with, but for
  // what `change` changes.
  void Reload(const std::function<void(Config&)>& change = [](Config&) {}) {
    ChangeFile(change);
    daemon_->Reload();
  }
  // Changes what the next reading of its settings finds.
  void ChangeFile(const std::function<void(Config&)>& change) {
    change(config_);
  }

  // A value of the ready file; empty if it has none of this name.
  std::string Ready(const std::string& name) const;
  const Config& config() const { return config_; }
  // The path of a file in its directory, which need not exist.
  std::string File(const std::string& name) const { return dir_.File(name); }

  // A new connection to a socket: nothing is shared with an earlier one.
  std::shared_ptr<grpc::Channel> Admin() const;
  std::shared_ptr<grpc::Channel> Pbx() const;

 private:
  interlink::testing::TempDir dir_;
  Config config_;
  std::unique_ptr<Daemon> daemon_;  // Used on its thread; Stop() from any.
  absl::Status started_;
  std::thread thread_;
};

// A channel that shares no connection with another.
std::shared_ptr<grpc::Channel> Connect(
    const std::string& target,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials);

// Gives `context` the deadline kPatience from now.
void SetPatience(grpc::ClientContext& context);

}  // namespace interlink::daemon
