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
  // Starts it and waits until it is ready. `flags` besides the usual.
  DaemonProcess(std::string program, std::string folder,
                std::vector<std::string> flags = {});

  // Ends it in order, and starts it again; the time from fork to ready, in ms.
  double Restart();

  int pid() const { return process_->pid(); }
  const std::string& federation() const { return ready_.at("federation"); }
  const std::string& http() const { return ready_.at("http"); }
  const std::string& api_tcp() const { return ready_.at("api_tcp"); }
  const std::string& pbx_http() const { return ready_.at("pbx_http"); }
  const std::string& sip() const { return ready_.at("sip"); }
  const std::string& folder() const { return folder_; }
  bool is_reachable() const { return is_reachable_; }

  std::string GenerateKey(const std::string& name);
  // The id of the established row.
  std::string Link(const std::string& name, const std::string& key);
  void Delete(const std::string& id);
  // Rows with a green circle.
  int Green();
  v1::GetAccountResponse Account();
  // Sets the name of a number.
  void Rename(const std::string& number, const std::string& name);
  // The name under which a number of a linked account is known here; empty if
  // it is not.
  std::string Resolve(const std::string& number);
  // Numbers from `first` on; the time it took, in ms.
  double Import(int first, int count);

  std::unique_ptr<v1::InterlinkService::Stub> interlinks() const {
    return v1::InterlinkService::NewStub(channel_);
  }

 private:
  double Start();

  const std::string program_;
  const std::string folder_;
  const std::vector<std::string> flags_;
  bool is_reachable_ = true;
  std::unique_ptr<testing::ChildProcess> process_;
  std::map<std::string, std::string> ready_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace interlink::bench
