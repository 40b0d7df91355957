#include "tests/store/etcd/cluster.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "etcd/rpc.pb.h"
#include "store/etcd/client.h"
#include "tests/support/eventually.h"

namespace interlink::testing {
namespace {

namespace fs = std::filesystem;

// Where deploy/install-dependencies.sh puts a program, else where Debian does.
std::string ProgramNamed(const std::string& name) {
  const auto variable = [](const char* of) {
    const char* value = std::getenv(of);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string cache = variable("XDG_CACHE_HOME");
  const std::string unpacked =
      (cache.empty() ? variable("HOME") + "/.cache" : cache) +
      "/interlink-tools/bin/" + name;
  return access(unpacked.c_str(), X_OK) == 0 ? unpacked : "/usr/bin/" + name;
}

const std::string& Etcd() {
  static const auto& path = *new std::string(ProgramNamed("etcd"));
  return path;
}
const std::string& Etcdctl() {
  static const auto& path = *new std::string(ProgramNamed("etcdctl"));
  return path;
}

// A port that was free a moment ago.
int NewPort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  close(socket);
  return ntohs(address.sin_port);
}

std::string ContentsOfFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// What a shell's command prints.
std::string OutputOf(const std::string& command) {
  FILE* const pipe = popen((command + " 2>&1").c_str(), "re");
  if (pipe == nullptr) std::abort();
  std::string output;
  std::array<char, 4096> some;
  while (const size_t read = fread(some.data(), 1, some.size(), pipe)) {
    output.append(some.data(), read);
  }
  pclose(pipe);
  return output;
}

std::string NameOf(size_t member) { return "m" + std::to_string(member); }

}  // namespace

std::string EtcdCluster::WhyNot() {
  for (const std::string& program : {Etcd(), Etcdctl()}) {
    if (access(program.c_str(), X_OK) != 0) {
      return program + " is not installed: deploy/install-dependencies.sh";
    }
  }
  return {};
}

EtcdCluster& EtcdCluster::Shared() {
  static EtcdCluster cluster;
  return cluster;
}

EtcdCluster::EtcdCluster(Setup setup) : setup_(std::move(setup)) {
  const std::string scheme = setup_.tls ? "https://" : "http://";
  for (size_t i = 0; i < setup_.members; ++i) {
    endpoints_.push_back("127.0.0.1:" + std::to_string(NewPort()));
    members_.push_back({scheme + endpoints_.back(),
                        "http://127.0.0.1:" + std::to_string(NewPort()),
                        nullptr});
    initial_cluster_ +=
        (i == 0 ? "" : ",") + NameOf(i) + "=" + members_.back().peer_url;
  }
  for (size_t i = 0; i < setup_.members; ++i) Start(i);
  EXPECT_TRUE(AwaitAnswers());
}

std::string EtcdCluster::DataOf(size_t member) const {
  return directory_.File("data-" + NameOf(member));
}

void EtcdCluster::Start(size_t member) {
  Member& m = members_[member];
  // The kernel ends it if the test program ends in a way that runs no
  // destructors.
  std::vector<std::string> arguments = {
      "/usr/bin/setpriv",
      "--pdeathsig",
      "KILL",
      Etcd(),
      "--name=" + NameOf(member),
      "--data-dir=" + DataOf(member),
      "--listen-client-urls=" + m.client_url,
      "--advertise-client-urls=" + m.client_url,
      "--listen-peer-urls=" + m.peer_url,
      "--initial-advertise-peer-urls=" + m.peer_url,
      "--initial-cluster=" + initial_cluster_,
      "--logger=zap",
      "--log-outputs=" + directory_.File(NameOf(member) + ".log")};
  if (setup_.tls) {
    arguments.insert(
        arguments.end(),
        {"--client-cert-auth", "--trusted-ca-file=" + setup_.tls->authority,
         "--cert-file=" + setup_.tls->certificate,
         "--key-file=" + setup_.tls->key});
  }
  arguments.insert(arguments.end(), setup_.flags.begin(), setup_.flags.end());
  m.process = std::make_unique<ChildProcess>(std::move(arguments));
}

bool EtcdCluster::AwaitAnswers() {
  store::EtcdOptions options = NewAccount();
  store::EtcdClient client(options);
  etcdserverpb::RangeRequest request;
  request.set_key("anything");
  etcdserverpb::RangeResponse response;
  return Eventually([&] {
    client.Move();
    const absl::Status status = client.Range(request, &response);
    return status.ok() || absl::IsPermissionDenied(status);
  });
}

store::EtcdOptions EtcdCluster::NewAccount() {
  store::EtcdOptions options;
  options.endpoints = endpoints_;
  options.prefix = "/interlink/" + std::to_string(++accounts_) + "/";
  options.seal_key = std::string(32, 'k');
  if (setup_.tls) {
    options.tls = {ContentsOfFile(setup_.tls->authority),
                   ContentsOfFile(setup_.tls->certificate),
                   ContentsOfFile(setup_.tls->key)};
  }
  return options;
}

size_t EtcdCluster::Leader() {
  size_t leader = members_.size();
  EXPECT_TRUE(Eventually([&] {
    for (size_t i = 0; i < members_.size() && leader == members_.size(); ++i) {
      const std::string status =
          Ctl("--endpoints=" + members_[i].client_url + " endpoint status");
      if (status.find(", true, ") != std::string::npos) leader = i;
    }
    return leader < members_.size();
  }));
  return leader;
}

void EtcdCluster::Kill(size_t member) {
  members_[member].process->Kill(SIGKILL);
}

void EtcdCluster::Freeze(size_t member) {
  kill(members_[member].process->pid(), SIGSTOP);
}

void EtcdCluster::Thaw(size_t member) {
  kill(members_[member].process->pid(), SIGCONT);
}

void EtcdCluster::PutBack(const std::string& file, std::optional<size_t> but) {
  for (size_t i = 0; i < members_.size(); ++i) Kill(i);
  for (size_t i = 0; i < members_.size(); ++i) {
    fs::remove_all(DataOf(i));
    Ctl("snapshot restore " + file + " --name=" + NameOf(i) +
        " --data-dir=" + DataOf(i) + " --initial-cluster=" + initial_cluster_ +
        " --initial-advertise-peer-urls=" + members_[i].peer_url);
    if (i != but) Start(i);
  }
  EXPECT_TRUE(AwaitAnswers());
}

std::string EtcdCluster::Ctl(const std::string& arguments) {
  std::string command = std::string("ETCDCTL_API=3 ") + Etcdctl();
  if (setup_.tls) {
    command += " --cacert=" + setup_.tls->authority +
               " --cert=" + setup_.tls->certificate +
               " --key=" + setup_.tls->key;
  }
  if (arguments.find("--endpoints=") == std::string::npos &&
      arguments.find("snapshot restore") == std::string::npos) {
    command += " --endpoints=" + members_[0].client_url;
  }
  return OutputOf(command + " " + arguments);
}

}  // namespace interlink::testing
