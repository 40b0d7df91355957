#include "tests/daemon/running_daemon.h"

#include <grpcpp/create_channel.h>

#include <fstream>
#include <future>
#include <utility>

namespace interlink::daemon {

RunningDaemon::RunningDaemon(const std::function<void(Config&)>& change) {
  config_.data_dir = dir_.File("data");
  config_.account_name = "Mike Brown";
  config_.federation_listen = "127.0.0.1:0";
  config_.http_listen = "127.0.0.1:0";
  config_.api_socket = dir_.File("api.sock");
  config_.pbx_socket = dir_.File("pbx.sock");
  config_.ready_file = dir_.File("ready");
  change(config_);
  std::promise<absl::Status> started;
  auto result = started.get_future();
  thread_ = std::thread([this, &started] {
    daemon_ = std::make_unique<Daemon>(config_, [this] {
      return ConfigOrExit{config_, "", 0};
    });
    const absl::Status status = daemon_->Start();
    const bool is_started = status.ok();
    started.set_value(status);
    if (is_started) daemon_->Run();
  });
  started_ = result.get();
}

RunningDaemon::~RunningDaemon() { Stop(); }

void RunningDaemon::Stop() {
  if (!thread_.joinable()) return;
  if (started_.ok()) daemon_->Stop();
  thread_.join();
  daemon_.reset();
}

std::string RunningDaemon::Ready(const std::string& name) const {
  std::ifstream file(config_.ready_file);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
  }
  return "";
}

std::shared_ptr<grpc::Channel> RunningDaemon::Admin() const {
  return Connect("unix:" + config_.api_socket,
                 grpc::InsecureChannelCredentials());
}

std::shared_ptr<grpc::Channel> RunningDaemon::Pbx() const {
  return Connect("unix:" + config_.pbx_socket,
                 grpc::InsecureChannelCredentials());
}

std::shared_ptr<grpc::Channel> Connect(
    const std::string& target,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel(target, credentials, arguments);
}

void SetPatience(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
}

}  // namespace interlink::daemon
