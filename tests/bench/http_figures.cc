#include "tests/bench/http_figures.h"

#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/crowd.h"
#include "tests/bench/daemon_process.h"
#include "tests/bench/figures.h"
#include "tests/bench/http_load.h"
#include "tests/support/child_process.h"

namespace interlink::bench {
namespace {

constexpr int kLinks = 10;
constexpr int kConnections = 32;

}  // namespace

void MeasureHttp(const Programs& programs, const Scale& scale) {
  testing::ChildProcess floor({programs.self, "http-floor"});
  const std::string floor_address = "127.0.0.1:" + floor.ReadLine();
  DaemonProcess daemon(programs.interlinkd, programs.folder + "/http",
                       {"--pbx-http-listen", "127.0.0.1:0"});
  const int numbers = scale.numbers / kLinks * kLinks;
  Crowd crowd(kLinks, /*listens=*/false);
  crowd.AddNumbers(kFirstNumber, numbers / kLinks);
  crowd.LinkWith(daemon);
  Await(
      "the mirrors",
      [&] {
        const auto account = daemon.Account();
        return account.in_step_count() == kLinks &&
               account.mirrored_number_count() == numbers;
      },
      std::chrono::seconds(120));
  const auto burst = [&](const std::string& address) {
    return RunHttpResolves(address, kConnections, kFirstNumber, numbers,
                           scale.burst);
  };
  burst(daemon.pbx_http());
  burst(floor_address);
  std::vector<double> ratios;
  for (int i = 0; i < scale.rounds; ++i) {
    const double of_real = burst(daemon.pbx_http());
    ratios.push_back(of_real / burst(floor_address));
    std::cerr << "resolves by HTTP: " << static_cast<int>(of_real) << "/s, "
              << ratios.back() << " of the floor\n";
  }
  Print("http_resolve_throughput_ratio", Median(ratios), "ratio", ">=0.90",
        Median(ratios) >= 0.90);
}

}  // namespace interlink::bench
