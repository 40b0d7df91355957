// The benchmark; run.sh starts it. Three ways to call it:
//
//   interlink_bench run INTERLINKD FOLDER quick|full [GROUP]
//   interlink_bench floor FOLDER   (by itself, as a child)
//   interlink_bench http-floor     (the same)
//
// GROUP: only these of the figures, see Run().

#include <grpcpp/create_channel.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "daemon/tls/tls_credentials.h"
#include "tests/bench/account_at_rest.h"
#include "tests/bench/call_figures.h"
#include "tests/bench/change_rate.h"
#include "tests/bench/daemon_process.h"
#include "tests/bench/figures.h"
#include "tests/bench/floor.h"
#include "tests/bench/floor_process.h"
#include "tests/bench/http_figures.h"
#include "tests/bench/http_floor.h"
#include "tests/bench/load.h"
#include "tests/bench/loop_stall.h"
#include "tests/bench/session_figures.h"
#include "tests/bench/sip_figures.h"

namespace interlink::bench {
namespace {

constexpr int kChannels = 2;

using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

Channels Connect(AccountAtRest& account, const std::string& address,
                 const federation::PeerPin& pin) {
  Channels channels;
  for (int i = 0; i < kChannels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt("interlink.bench.channel", i);
    channels.push_back(grpc::CreateCustomChannel(
        address,
        daemon::PeerChannelCredentials(
            *account.tls().current(),
            std::make_shared<daemon::PeerCheck>(pin, account.loop())),
        arguments));
    if (!channels.back()->WaitForConnected(std::chrono::system_clock::now() +
                                           std::chrono::seconds(10))) {
      Fail("no connection to " + address);
    }
  }
  return channels;
}

void MeasureLookups(DaemonProcess& daemon, const FloorProcess& floor,
                    const std::string& folder, const Scale& scale) {
  AccountAtRest account(folder + "/load");
  const store::InterlinkId id = account.Link(daemon.GenerateKey("the load"));
  const Channels real =
      Connect(account, daemon.federation(), account.PinOf(id));
  const Channels empty = Connect(account, floor.address(), floor.pin());
  const auto burst = [&](const Channels& channels, int in_flight) {
    return RunLookups(channels, id.ToBytes(), kFirstNumber, scale.numbers,
                      in_flight, scale.burst);
  };
  burst(real, 32);
  burst(empty, 32);
  std::vector<double> throughput;
  std::vector<double> p99;
  for (int i = 0; i < scale.rounds; ++i) {
    const double of_real = burst(real, 32).per_second;
    throughput.push_back(of_real / burst(empty, 32).per_second);
    const double slow = burst(real, 2).p99_ms;
    p99.push_back(slow / burst(empty, 2).p99_ms);
    std::cerr << "lookups: " << static_cast<int>(of_real) << "/s, "
              << throughput.back() << " of the floor; p99 " << slow << " ms, "
              << p99.back() << " of the floor\n";
  }
  Print("lookup_throughput_ratio", Median(throughput), "ratio", ">=0.95",
        Median(throughput) >= 0.95);
  Print("lookup_p99_ratio", Median(p99), "ratio", "<=1.25",
        Median(p99) <= 1.25);
}

// From the call of DeleteInterlink to the other side's watcher seeing it.
double DeleteAndWatch(DaemonProcess& deleter, DaemonProcess& other,
                      const std::string& id) {
  auto stub = other.interlinks();
  grpc::ClientContext context;
  auto watch = stub->WatchInterlinks(&context, {});
  v1::WatchInterlinksResponse event;
  while (watch->Read(&event) && !event.current()) {
  }
  const auto start = Clock::now();
  deleter.Delete(id);
  while (watch->Read(&event)) {
    if (event.interlink().id() == id &&
        event.interlink().state() == v1::INTERLINK_STATE_REMOVED) {
      const double time = MillisecondsSince(start);
      context.TryCancel();
      return time;
    }
  }
  Fail("the watch ended");
}

void MeasureLinks(const Programs& programs, const Scale& scale) {
  DaemonProcess a(programs.interlinkd, programs.folder + "/a");
  DaemonProcess b(programs.interlinkd, programs.folder + "/b");
  std::vector<double> links;
  std::vector<double> deletions;
  // The first warms both up.
  for (int i = 0; i <= 3 * scale.rounds; ++i) {
    const std::string key = a.GenerateKey("b");
    const auto start = Clock::now();
    const std::string id = b.Link("a", key);
    const double link = MillisecondsSince(start);
    const double deletion = DeleteAndWatch(a, b, id);
    if (i == 0) continue;
    links.push_back(link);
    deletions.push_back(deletion);
  }
  // On loopback the round trip is nothing; a handshake was measured as 5 ms.
  const double sync = SyncedWriteMs(a.folder());
  const double link_target = 5 + 3 * sync + 10;
  const double delete_target = 2 * sync + 5;
  const auto limit = [](double ms) {
    return "<=" + std::to_string(ms).substr(0, 5);
  };
  Print("link_ms", Median(links), "ms", limit(link_target),
        Median(links) <= link_target);
  Print("delete_propagation_ms", Median(deletions), "ms", limit(delete_target),
        Median(deletions) <= delete_target);
}

void MeasureStart(const Programs& programs, const Scale& scale) {
  DaemonProcess daemon(programs.interlinkd, programs.folder + "/start");
  daemon.Import(kFirstNumber, 100'000);
  std::vector<double> times;
  times.reserve(scale.rounds);
  for (int i = 0; i < scale.rounds; ++i) times.push_back(daemon.Restart());
  Print("start_ms_100k_numbers", Median(times), "ms", "<=150",
        Median(times) <= 150);
}

void MeasureNumbers(const Programs& programs, const Scale& scale) {
  FloorProcess floor(programs.self, programs.folder + "/floor");
  {
    DaemonProcess idle(programs.interlinkd, programs.folder + "/idle");
    const double ratio = ResidentKib(idle.pid()) / ResidentKib(floor.pid());
    std::cerr << "idle: " << ResidentKib(idle.pid()) << " KiB, the floor "
              << ResidentKib(floor.pid()) << " KiB\n";
    Print("idle_rss_ratio", ratio, "ratio", "<=1.15", ratio <= 1.15);
  }
  DaemonProcess daemon(programs.interlinkd, programs.folder + "/daemon");
  const double import_ms = daemon.Import(kFirstNumber, scale.numbers);
  const double rate = scale.numbers / import_ms * 1000;
  Print("import_numbers_per_s", rate, "1/s", ">=50000", rate >= 50'000);
  MeasureLookups(daemon, floor, programs.folder, scale);
}

int Run(const Programs& programs, const Scale& scale,
        const std::string& wanted) {
  const std::pair<std::string, std::function<void()>> groups[] = {
      {"numbers", [&] { MeasureNumbers(programs, scale); }},
      {"start", [&] { MeasureStart(programs, scale); }},
      {"links", [&] { MeasureLinks(programs, scale); }},
      {"resolves", [&] { MeasureResolves(programs, scale); }},
      {"http", [&] { MeasureHttp(programs, scale); }},
      {"sessions", [&] { MeasureSessions(programs, scale); }},
      {"changes", [&] { MeasureChanges(programs, scale); }},
      {"calls", [] { MeasureCallTokens(); }},
      {"sip", [&] { MeasureSip(programs, scale); }},
      {"commits", [] { MeasureChangeRate(); }},
      {"pongs", [] { MeasurePongs(); }},
      {"loop-stall", [&] { MeasureLoopStall(scale.links); }},
  };
  bool is_known = false;
  for (const auto& [name, measure] : groups) {
    if (!wanted.empty() && name != wanted) continue;
    is_known = true;
    measure();
  }
  if (!is_known) Fail("there are no figures " + wanted);
  return 0;
}

}  // namespace
}  // namespace interlink::bench

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> arguments(argv, argv + argc);
  using interlink::bench::Scale;
  if (arguments.size() == 3 && arguments[1] == "floor") {
    std::filesystem::create_directories(arguments[2]);
    return interlink::bench::RunFloor(arguments[2]);
  }
  if (arguments.size() == 2 && arguments[1] == "http-floor") {
    return interlink::bench::RunHttpFloor();
  }
  if ((arguments.size() == 5 || arguments.size() == 6) &&
      arguments[1] == "run") {
    const bool is_quick = arguments[4] == "quick";
    return interlink::bench::Run(
        {arguments[2], arguments[0], arguments[3]},
        is_quick ? Scale{100'000, 100, 5, std::chrono::milliseconds(700)}
                 : Scale{1'000'000, 1000, 11, std::chrono::milliseconds(2000)},
        arguments.size() == 6 ? arguments[5] : "");
  }
  std::cerr << "usage: tests/bench/run.sh [--quick] [--only GROUP]\n";
  return 2;
}
