#include "tests/bench/sip_figures.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <vector>

#include "tests/bench/daemon_process.h"
#include "tests/bench/figures.h"
#include "tests/bench/sip_load.h"

namespace interlink::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kNumbersCalled = 100'000;
constexpr const char* kThroughput = "sip_redirect_throughput_ratio";
constexpr const char* kP99 = "sip_redirect_p99_ratio";

// This thread, and what it starts meanwhile, run on one core.
class OnCore {
 public:
  explicit OnCore(int core) {
    CPU_ZERO(&before_);
    sched_getaffinity(0, sizeof(before_), &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    if (sched_setaffinity(0, sizeof(one), &one) != 0) {
      Fail("two cores are needed");
    }
  }
  ~OnCore() { sched_setaffinity(0, sizeof(before_), &before_); }
  OnCore(const OnCore&) = delete;
  OnCore& operator=(const OnCore&) = delete;

 private:
  cpu_set_t before_;
};

struct Kamailio {
  std::string program;
  std::string modules;
};

std::optional<Kamailio> FindKamailio() {
  const char* const given = std::getenv("KAMAILIO_ROOT");
  const std::string root = given != nullptr ? given : "";
  const std::string program =
      root + (root.empty() ? "/usr/sbin/kamailio" : "/bin/kamailio");
  std::error_code error;
  if (!fs::exists(program, error)) return std::nullopt;
  for (const auto& folder : fs::directory_iterator(root + "/usr/lib", error)) {
    const fs::path modules = folder.path() / "kamailio/modules";
    if (fs::exists(modules, error)) return Kamailio{program, modules};
  }
  return std::nullopt;
}

// A port of loopback that nobody had a moment ago.
std::string FreePort() {
  const int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(own);
  bind(probe, reinterpret_cast<sockaddr*>(&own), size);
  getsockname(probe, reinterpret_cast<sockaddr*>(&own), &size);
  close(probe);
  return "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
}

// One process that answers each request by itself, from a hash table.
std::string KamailioConfig(const Kamailio& kamailio,
                           const std::string& address) {
  const std::string first = std::to_string(kFirstNumber);
  const std::string end = std::to_string(kFirstNumber + kNumbersCalled);
  return "debug=-1\nlog_stderror=yes\nfork=yes\nchildren=1\ndisable_tcp=yes\n"
         "auto_aliases=no\nmax_while_loops=0\nlisten=udp:" +
         address + "\nmpath=\"" + kamailio.modules +
         "\"\nloadmodule \"pv.so\"\nloadmodule \"htable.so\"\n"
         "loadmodule \"sl.so\"\nloadmodule \"textops.so\"\n"
         "modparam(\"htable\", \"htable\", \"to=>size=16;\")\n"
         "event_route[htable:mod-init] {\n"
         "  $var(i) = " +
         first + ";\n  while ($var(i) < " + end +
         ") {\n"
         "    $sht(to=>$var(i)) = \"sip:\" + $var(i) + \"@10.0.0.5\";\n"
         "    $var(i) = $var(i) + 1;\n  }\n}\n"
         "request_route {\n"
         "  if (method == \"ACK\") exit;\n"
         "  if (method == \"OPTIONS\") { sl_send_reply(\"200\", \"OK\"); exit; "
         "}"
         "\n  if ($sht(to=>$rU) == $null) {\n"
         "    sl_send_reply(\"404\", \"Not Found\");\n    exit;\n  }\n"
         "  append_to_reply(\"Contact: <$sht(to=>$rU)>\\r\\n\");\n"
         "  sl_send_reply(\"302\", \"Moved Temporarily\");\n}\n";
}

class KamailioProcess {
 public:
  KamailioProcess(const Kamailio& kamailio, const std::string& folder)
      : address_(FreePort()) {
    fs::create_directories(folder);
    const std::string config = folder + "/kamailio.cfg";
    std::ofstream(config) << KamailioConfig(kamailio, address_);
    process_.emplace(std::vector<std::string>{
        kamailio.program, "-f", config, "-DD", "-E", "-m", "256", "-M", "8",
        "-Y", folder, "-P", folder + "/pid"});
    Await(
        "Kamailio", [this] { return AnswersSip(address_); },
        std::chrono::seconds(60));
  }
  // It ends its children itself.
  ~KamailioProcess() { process_->Kill(SIGTERM); }

  const std::string& address() const { return address_; }

 private:
  const std::string address_;
  std::optional<testing::ChildProcess> process_;
};

}  // namespace

void MeasureSip(const Programs& programs, const Scale& scale) {
  const auto kamailio = FindKamailio();
  if (!kamailio) {
    PrintMissing(kThroughput, "ratio", ">=1.0", "Kamailio is not installed");
    PrintMissing(kP99, "ratio", "<=1.0", "Kamailio is not installed");
    return;
  }
  std::optional<DaemonProcess> daemon;
  std::optional<KamailioProcess> other;
  {
    const OnCore first(0);
    daemon.emplace(programs.interlinkd, programs.folder + "/sip",
                   std::vector<std::string>{"--sip-listen", "127.0.0.1:0"});
    other.emplace(*kamailio, programs.folder + "/kamailio");
  }
  daemon->Import(kFirstNumber, kNumbersCalled);
  const OnCore second(1);
  const auto burst = [&](const std::string& server, int in_flight) {
    return RunSipCalls(server, kFirstNumber, kNumbersCalled, in_flight,
                       scale.burst);
  };
  burst(daemon->sip(), 32);
  burst(other->address(), 32);
  std::vector<double> throughput;
  std::vector<double> p99;
  for (int i = 0; i < scale.rounds; ++i) {
    const double of_daemon = burst(daemon->sip(), 32).per_second;
    throughput.push_back(of_daemon / burst(other->address(), 32).per_second);
    const LoadResult slow = burst(daemon->sip(), 2);
    const LoadResult others = burst(other->address(), 2);
    p99.push_back(slow.p99_ms / others.p99_ms);
    std::cerr << "sip: " << static_cast<int>(of_daemon) << "/s, "
              << throughput.back() << " of Kamailio's; median "
              << slow.median_ms << " ms (" << others.median_ms << "), p99 "
              << slow.p99_ms << " ms (" << others.p99_ms << ")\n";
  }
  Print(kThroughput, Median(throughput), "ratio", ">=1.0",
        Median(throughput) >= 1.0);
  Print(kP99, Median(p99), "ratio", "<=1.0", Median(p99) <= 1.0);
}

}  // namespace interlink::bench
