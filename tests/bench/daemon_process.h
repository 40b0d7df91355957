#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "interlink/v1/interlink.grpc.pb.h"
#include "tests/support/child_process.h"

namespace interlink::bench {

// A real interlinkd of this benchmark, in a folder of its own, and its API.
class DaemonProcess {
 public:
  // Starts it and waits until it is ready.
  DaemonProcess(std::string program, std::string folder);

  // Ends it in order, and starts it again; the time from fork to ready, in ms.
  double Restart();

  int pid() const { return process_->pid(); }
  const std::string& federation() const { return ready_.at("federation"); }
  const std::string& folder() const { return folder_; }

  std::string GenerateKey(const std::string& name);
  // The id of the established row.
  std::string Link(const std::string& name, const std::string& key);
  void Delete(const std::string& id);
  // Numbers from `first` on; the time it took, in ms.
  double Import(int first, int count);

  std::unique_ptr<v1::InterlinkService::Stub> interlinks() const {
    return v1::InterlinkService::NewStub(channel_);
  }

 private:
  double Start();

  const std::string program_;
  const std::string folder_;
  std::unique_ptr<testing::ChildProcess> process_;
  std::map<std::string, std::string> ready_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace interlink::bench
