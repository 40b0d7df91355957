#include "tests/bench/session_figures.h"

#include <grpcpp/create_channel.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <iostream>
#include <iterator>
#include <memory>
#include <thread>
#include <vector>

#include "daemon/system/os_randomness.h"
#include "daemon/tls/tls_credentials.h"
#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/bench/crowd.h"
#include "tests/bench/daemon_process.h"
#include "tests/bench/empty_streams.h"
#include "tests/bench/figures.h"
#include "tests/bench/floor_process.h"
#include "tests/bench/load.h"
#include "tests/support/tls_files.h"

namespace interlink::bench {
namespace {

using std::chrono_literals::operator""s;
using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

// Of one link (--max-mirrored-numbers is for all).
constexpr int kMostPerLink = 100'000;

// An operator's certificates, for the daemon's API over TCP.
class OperatorTls {
 public:
  static constexpr int kConnections = 2;

  explicit OperatorTls(const std::string& folder)
      : authority_(folder + "/ca"),
        server_(
            authority_.Issue(folder + "/server", "DNS:localhost,IP:127.0.0.1")),
        pbx_(authority_.Issue(folder + "/pbx", "URI:interlink://role/pbx")) {}

  std::vector<std::string> flags() const {
    return {"--api-listen",    "127.0.0.1:0",
            "--api-cert",      server_.certificate,
            "--api-key",       server_.key,
            "--api-client-ca", authority_.certificate()};
  }
  Channels Connect(const std::string& address) const {
    return Open(address,
                testing::ClientCredentials(authority_.certificate(), pbx_));
  }
  static Channels Open(
      const std::string& address,
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    Channels channels;
    for (int i = 0; i < kConnections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetInt("interlink.bench.channel", i);
      channels.push_back(
          grpc::CreateCustomChannel(address, credentials, arguments));
      if (!channels.back()->WaitForConnected(std::chrono::system_clock::now() +
                                             10s)) {
        Fail("no connection to " + address);
      }
    }
    return channels;
  }

 private:
  const testing::TestAuthority authority_;
  const testing::TlsFiles server_;
  const testing::TlsFiles pbx_;
};

// An identity to call a floor with.
struct Caller {
  daemon::AsioEventLoop loop;
  daemon::OsRandomness randomness;
  std::unique_ptr<rocksdb::Env> disk{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<store::Database> database{
      OrFail(store::OpenRocksDb("/store", disk.get()))};
  federation::Identity identity{OrFail(federation::Identity::LoadOrCreate(
      *database, randomness, loop.WallNow()))};
  daemon::TlsIdentity tls{identity, loop};

  Channels Connect(const FloorProcess& floor) {
    return OperatorTls::Open(
        floor.address(),
        daemon::PeerChannelCredentials(
            *tls.current(),
            std::make_shared<daemon::PeerCheck>(floor.pin(), loop)));
  }
};

void AwaitMirrors(DaemonProcess& daemon, int links, int numbers) {
  Await(
      "the mirrors",
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const auto account = daemon.Account();
        return account.in_step_count() == links &&
               account.mirrored_number_count() == numbers;
      },
      90s);
}

// Until routes to the number have a call token.
void AwaitToken(const Channels& channels, int number) {
  const auto resolver = v1::ResolverService::NewStub(channels.front());
  v1::ResolveRequest request;
  request.set_number(std::to_string(number));
  Await("the call tokens", [&] {
    grpc::ClientContext context;
    v1::ResolveResponse response;
    return resolver->Resolve(&context, request, &response).ok() &&
           response.resolution().routes(0).uri().starts_with("sip:il-");
  });
}

// Until all links are down, and nobody takes them for up.
void AwaitNoMirrors(DaemonProcess& daemon) {
  Await(
      "the links to go down",
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const auto account = daemon.Account();
        return account.in_step_count() == 0 && account.session_count() == 0;
      },
      60s);
}

// The size of a page of /metrics, and the time from the request to its end.
void MeasureScrape(const DaemonProcess& daemon, const Scale& scale) {
  const size_t colon = daemon.http().rfind(':');
  std::vector<double> times;
  std::string page;
  for (int i = 0; i < scale.rounds; ++i) {
    const auto start = Clock::now();
    boost::asio::ip::tcp::iostream stream(daemon.http().substr(0, colon),
                                          daemon.http().substr(colon + 1));
    stream << "GET /metrics HTTP/1.0\r\n\r\n" << std::flush;
    page.assign(std::istreambuf_iterator<char>(stream), {});
    times.push_back(MillisecondsSince(start));
  }
  const std::string links = std::to_string(scale.links);
  Print("scrape_ms_" + links + "_links", Median(times), "ms", "<=100",
        Median(times) <= 100);
  const double kib = static_cast<double>(page.size()) / 1024;
  Print("scrape_kib_" + links + "_links", kib, "KiB", "<=2048", kib <= 2048);
}

}  // namespace

void MeasureResolves(const Programs& programs, const Scale& scale) {
  const OperatorTls tls(programs.folder);
  FloorProcess floor(programs.self, programs.folder + "/resolve_floor");
  Caller caller;
  DaemonProcess few(programs.interlinkd, programs.folder + "/few", tls.flags());
  const int owners = std::max(1, scale.numbers / kMostPerLink);
  const int each = scale.numbers / owners;
  Crowd crowd(owners, /*listens=*/false);
  crowd.AddNumbers(kFirstNumber, each);
  const double before = ResidentKib(few.pid());
  const auto start = Clock::now();
  crowd.LinkWith(few);
  AwaitMirrors(few, owners, scale.numbers);
  const double snapshot_ms = MillisecondsSince(start);
  const double bytes = (ResidentKib(few.pid()) - before) * 1024 / scale.numbers;
  Print("snapshot_numbers_per_s", scale.numbers / snapshot_ms * 1000, "1/s",
        "-", true);
  Print("mirror_bytes_per_number", bytes, "B", "<=64", bytes <= 64);

  const Channels real = tls.Connect(few.api_tcp());
  const Channels empty = caller.Connect(floor);
  const auto burst = [&](const Channels& channels) {
    return RunResolves(channels, kFirstNumber, scale.numbers, 32, scale.burst)
        .per_second;
  };
  burst(real);
  burst(empty);
  const auto measure = [&](const std::string& name) {
    std::vector<double> ratios;
    for (int i = 0; i < scale.rounds; ++i) {
      const double of_real = burst(real);
      ratios.push_back(of_real / burst(empty));
      std::cerr << name << ": " << static_cast<int>(of_real) << "/s, "
                << ratios.back() << " of the floor\n";
    }
    Print(name, Median(ratios), "ratio", ">=0.95", Median(ratios) >= 0.95);
  };
  measure("resolve_throughput_ratio");
  crowd.AskForCallTokens();
  for (int i = 0; i < owners; ++i) AwaitToken(real, kFirstNumber + i * each);
  measure("resolve_with_tokens_throughput_ratio");

  // The same numbers, once with one link and once with many.
  const int numbers = scale.links * 10;
  DaemonProcess one(programs.interlinkd, programs.folder + "/one", tls.flags());
  DaemonProcess many(programs.interlinkd, programs.folder + "/many",
                     tls.flags());
  auto single = std::make_unique<Crowd>(1, false);
  single->AddNumbers(kFirstNumber, numbers);
  single->LinkWith(one);
  auto mass = std::make_unique<Crowd>(scale.links, false);
  mass->AddNumbers(kFirstNumber, numbers / scale.links);
  mass->LinkWith(many);
  AwaitMirrors(one, 1, numbers);
  AwaitMirrors(many, scale.links, numbers);
  const Channels to_one = tls.Connect(one.api_tcp());
  const Channels to_many = tls.Connect(many.api_tcp());
  const auto median = [&](const Channels& channels) {
    return RunResolves(channels, kFirstNumber, numbers, 1, scale.burst)
        .median_ms;
  };
  median(to_one);
  median(to_many);
  std::vector<double> latencies;
  for (int i = 0; i < scale.rounds; ++i) {
    const double of_many = median(to_many);
    latencies.push_back(of_many / median(to_one));
  }
  Print("resolve_links_" + std::to_string(scale.links) + "_vs_1",
        Median(latencies), "ratio", "<=1.1", Median(latencies) <= 1.1);

  single.reset();
  mass.reset();
  AwaitNoMirrors(one);
  AwaitNoMirrors(many);
  const auto miss = [&](const Channels& channels) {
    return RunMisses(channels, kFirstNumber + numbers, numbers, 1, scale.burst)
        .median_ms;
  };
  miss(to_one);
  miss(to_many);
  latencies.clear();
  for (int i = 0; i < scale.rounds; ++i) {
    const double of_many = miss(to_many);
    latencies.push_back(of_many / miss(to_one));
  }
  Print("resolve_miss_" + std::to_string(scale.links) + "_links_down_vs_1",
        Median(latencies), "ratio", "<=1.5", Median(latencies) <= 1.5);
}

void MeasureSessions(const Programs& programs, const Scale& scale) {
  FloorProcess dialling(programs.self, programs.folder + "/floor_dialling");
  FloorProcess accepting(programs.self, programs.folder + "/floor_accepting");
  const double dialling_before = ResidentKib(dialling.pid());
  const double accepting_before = ResidentKib(accepting.pid());
  const auto dialled = Clock::now();
  dialling.Dial(accepting, scale.links);
  const double dialled_s = MillisecondsSince(dialled) / 1000;
  const double floor_dialling =
      (ResidentKib(dialling.pid()) - dialling_before) / scale.links;
  const double floor_accepting =
      (ResidentKib(accepting.pid()) - accepting_before) / scale.links;
  std::cerr << "an empty stream: " << floor_accepting << " KiB accepting, "
            << floor_dialling << " KiB dialling; all were open after "
            << dialled_s << " s\n";

  const auto measure = [&](const std::string& name, bool daemon_dials,
                           double floor) {
    DaemonProcess daemon(programs.interlinkd, programs.folder + "/" + name,
                         daemon_dials
                             ? std::vector<std::string>{"--advertise", "none"}
                             : std::vector<std::string>());
    Crowd crowd(scale.links, /*listens=*/daemon_dials);
    crowd.LinkWith(daemon);
    // All rows are there at the start, and no session yet.
    daemon.Restart();
    const double before = ResidentKib(daemon.pid());
    const auto start = Clock::now();
    Await(
        "all green",
        [&] {
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
          return daemon.Green() == scale.links;
        },
        90s);
    const double green_s = MillisecondsSince(start) / 1000;
    std::this_thread::sleep_for(3s);  // What is superseded ends.
    const double each = (ResidentKib(daemon.pid()) - before) / scale.links;
    std::cerr << name << ": " << each << " KiB a session, all green after "
              << green_s << " s\n";
    Print("session_rss_ratio_" + name, each / floor, "ratio", "<=1.15",
          each / floor <= 1.15);
    if (daemon_dials) {
      Print("restart_" + std::to_string(scale.links) + "_links_s", green_s, "s",
            "<=6", green_s <= 6);
      MeasureScrape(daemon, scale);
    }
  };
  measure("accepting", false, floor_accepting);
  measure("dialing", true, floor_dialling);
}

void MeasureChanges(const Programs& programs, const Scale& scale) {
  DaemonProcess owner(programs.interlinkd, programs.folder + "/owner");
  DaemonProcess other(programs.interlinkd, programs.folder + "/other");
  constexpr int kNumbers = 1000;
  owner.Import(kFirstNumber, kNumbers);
  other.Link("owner", owner.GenerateKey("other"));
  AwaitMirrors(other, 1, kNumbers);
  std::atomic<bool> stop{false};
  std::atomic<int> made{0};
  // A thousand changes a second of other numbers, as far as the disk lets.
  std::thread changes([&] {
    const auto start = Clock::now();
    while (!stop) {
      const int change = made++;
      owner.Rename(std::to_string(kFirstNumber + 1 + change % (kNumbers - 1)),
                   "change " + std::to_string(change));
      std::this_thread::sleep_until(start +
                                    std::chrono::milliseconds(change + 1));
    }
  });
  const std::string number = std::to_string(kFirstNumber);
  std::vector<double> times;
  const auto begin = Clock::now();
  for (int i = 0; i < 40 * scale.rounds; ++i) {
    const std::string name = "name " + std::to_string(i);
    const auto start = Clock::now();
    owner.Rename(number, name);
    Await("a change", [&] { return other.Resolve(number) == name; });
    times.push_back(MillisecondsSince(start));
  }
  const double per_second = made / MillisecondsSince(begin) * 1000;
  stop = true;
  changes.join();
  std::sort(times.begin(), times.end());
  std::cerr << "changes meanwhile: " << per_second << "/s\n";
  const double target = SyncedWriteMs(owner.folder()) + 5;
  const double p50 = times[times.size() / 2];
  const double p99 = times[times.size() * 99 / 100];
  const std::string limit = "<=" + std::to_string(target).substr(0, 5);
  Print("change_propagation_ms_p50", p50, "ms", limit, p50 <= target);
  Print("change_propagation_ms_p99", p99, "ms", limit, p99 <= target);
}

}  // namespace interlink::bench
