#include "tests/bench/daemon_process.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/bench/figures.h"

namespace interlink::bench {
namespace {

constexpr int kChunk = 500;

void Check(const grpc::Status& status, const std::string& what) {
  if (!status.ok()) Fail(what + ": " + status.error_message());
}

}  // namespace

DaemonProcess::DaemonProcess(std::string program, std::string folder)
    : program_(std::move(program)), folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  Start();
}

double DaemonProcess::Restart() {
  channel_.reset();
  process_->Kill(SIGTERM);
  return Start();
}

double DaemonProcess::Start() {
  const std::string ready = folder_ + "/ready";
  const std::string socket = folder_ + "/api.sock";
  const auto start = Clock::now();
  process_ = std::make_unique<testing::ChildProcess>(std::vector<std::string>{
      program_, "--data-dir", folder_ + "/data", "--account-name",
      std::filesystem::path(folder_).filename(), "--federation-listen",
      "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--api-socket", socket,
      "--lookup-limit", "0", "--log-level", "warn", "--ready-file", ready});
  Await("the daemon in " + folder_,
        [&] { return std::filesystem::exists(ready); });
  const double time = MillisecondsSince(start);
  std::ifstream lines(ready);
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find('=');
    ready_[line.substr(0, equals)] = line.substr(equals + 1);
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(
      "unix:" + socket, grpc::InsecureChannelCredentials(), arguments);
  return time;
}

std::string DaemonProcess::GenerateKey(const std::string& name) {
  v1::GenerateKeyRequest request;
  request.set_name(name);
  v1::GenerateKeyResponse response;
  grpc::ClientContext context;
  Check(interlinks()->GenerateKey(&context, request, &response), "GenerateKey");
  return response.key();
}

std::string DaemonProcess::Link(const std::string& name,
                                const std::string& key) {
  v1::LinkAccountRequest request;
  request.set_name(name);
  request.set_key(key);
  v1::LinkAccountResponse response;
  grpc::ClientContext context;
  Check(interlinks()->LinkAccount(&context, request, &response), "LinkAccount");
  if (response.interlink().state() != v1::INTERLINK_STATE_ESTABLISHED) {
    Fail("not linked: " + response.interlink().ShortDebugString());
  }
  return response.interlink().id();
}

void DaemonProcess::Delete(const std::string& id) {
  v1::DeleteInterlinkRequest request;
  request.set_id(id);
  v1::DeleteInterlinkResponse response;
  grpc::ClientContext context;
  Check(interlinks()->DeleteInterlink(&context, request, &response),
        "DeleteInterlink");
}

double DaemonProcess::Import(int first, int count) {
  auto stub = v1::NumberService::NewStub(channel_);
  const auto start = Clock::now();
  grpc::ClientContext context;
  v1::ImportNumbersResponse summary;
  auto writer = stub->ImportNumbers(&context, &summary);
  for (int done = 0; done < count; done += kChunk) {
    v1::ImportNumbersRequest chunk;
    for (int i = done; i < std::min(done + kChunk, count); ++i) {
      auto& entry = *chunk.add_entries();
      entry.set_line(i + 1);
      entry.mutable_number()->set_number(std::to_string(first + i));
      entry.mutable_number()->set_name("A name, 16 bytes");
      entry.mutable_number()->set_destination("sip:x@10.0.0.5");
    }
    if (!writer->Write(chunk)) break;
  }
  writer->WritesDone();
  Check(writer->Finish(), "ImportNumbers");
  if (summary.created_count() != count) {
    Fail("import: " + summary.ShortDebugString());
  }
  return MillisecondsSince(start);
}

}  // namespace interlink::bench
