#include "tests/bench/daemon_process.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
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

DaemonProcess::DaemonProcess(std::string program, std::string folder,
                             std::vector<std::string> flags)
    : program_(std::move(program)),
      folder_(std::move(folder)),
      flags_(std::move(flags)) {
  is_reachable_ =
      std::find(flags_.begin(), flags_.end(), "none") == flags_.end();
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
  std::vector<std::string> command = {
      program_, "--data-dir", folder_ + "/data", "--account-name",
      std::filesystem::path(folder_).filename(), "--federation-listen",
      // The same port at a restart, so that peers find it again.
      ready_.contains("federation") ? ready_["federation"] : "127.0.0.1:0",
      "--http-listen", "127.0.0.1:0", "--api-socket", socket, "--lookup-limit",
      "0", "--log-level", "warn", "--max-connections-per-source", "100000",
      "--ready-file", ready};
  command.insert(command.end(), flags_.begin(), flags_.end());
  process_ = std::make_unique<testing::ChildProcess>(command);
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

int DaemonProcess::Green() {
  v1::ListInterlinksRequest request;
  request.set_page_size(1000);
  int green = 0;
  do {
    v1::ListInterlinksResponse page;
    grpc::ClientContext context;
    Check(interlinks()->ListInterlinks(&context, request, &page), "List");
    for (const auto& row : page.interlinks()) {
      green += row.indicator() == v1::INDICATOR_GREEN ? 1 : 0;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return green;
}

v1::GetAccountResponse DaemonProcess::Account() {
  v1::GetAccountResponse response;
  grpc::ClientContext context;
  Check(
      v1::DaemonService::NewStub(channel_)->GetAccount(&context, {}, &response),
      "GetAccount");
  return response;
}

void DaemonProcess::Rename(const std::string& number, const std::string& name) {
  v1::UpdateNumberRequest request;
  request.mutable_number()->set_number(number);
  request.mutable_number()->set_name(name);
  request.mutable_update_mask()->add_paths("name");
  v1::UpdateNumberResponse response;
  grpc::ClientContext context;
  Check(v1::NumberService::NewStub(channel_)->UpdateNumber(&context, request,
                                                           &response),
        "UpdateNumber");
}

std::string DaemonProcess::Resolve(const std::string& number) {
  v1::ResolveRequest request;
  request.set_number(number);
  v1::ResolveResponse response;
  grpc::ClientContext context;
  const grpc::Status status = v1::ResolverService::NewStub(channel_)->Resolve(
      &context, request, &response);
  if (!status.ok() || response.resolution().stale() ||
      response.resolution().routes().empty()) {
    return "";
  }
  return response.resolution().routes(0).display_name();
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
