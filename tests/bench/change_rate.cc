#include "tests/bench/change_rate.h"

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/os_randomness.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "federation/base/workplace.h"
#include "store/rocksdb/database.h"
#include "tests/bench/figures.h"
#include "tests/bench/slow_disk.h"

namespace interlink::bench {
namespace {

constexpr std::chrono::milliseconds kSync{5};
constexpr int kAtOnce = 64;

// An account whose administrators add numbers, so many of them at a time.
class Office {
 public:
  // Once: the loop ends with it.
  double NumbersPerSecond(int at_once, int count) {
    left_ = count;
    under_way_ = at_once;
    const auto start = Clock::now();
    for (int i = 0; i < at_once; ++i) loop_.Post([this] { AddNext(); });
    loop_.Run();
    return count / MillisecondsSince(start) * 1000;
  }

 private:
  void AddNext() {
    if (left_ == 0) {
      if (--under_way_ == 0) loop_.Stop();
      return;
    }
    --left_;
    v1::CreateNumberRequest request;
    request.mutable_number()->set_number(std::to_string(++latest_));
    request.mutable_number()->set_destination("sip:x@10.0.0.5");
    account_->numbers().Create(request, [this](const auto& number) {
      if (!number.ok()) Fail(number.status().ToString());
      AddNext();
    });
  }

  SlowDisk disk_{kSync};
  daemon::OsRandomness randomness_;
  daemon::AsioEventLoop loop_;
  const std::unique_ptr<store::Database> database_ = OrFail(
      store::OpenRocksDb("/store", &disk_, federation::WorkplaceOf(loop_)));
  const federation::Identity identity_ =
      OrFail(federation::Identity::LoadOrCreate(*database_, randomness_,
                                                loop_.WallNow()));
  const daemon::TlsIdentity tls_{identity_, loop_};
  daemon::GrpcPeerClient peers_{loop_, tls_};
  const std::unique_ptr<federation::Account> account_ = OrFail(
      federation::Account::Open({.account_name = "the office"}, identity_,
                                *database_, loop_, randomness_, peers_));
  int latest_ = 10'000'000;  // Number that was asked for.
  int left_ = 0;
  int under_way_ = 0;
};

}  // namespace

void MeasureChangeRate() {
  const double alone = Office().NumbersPerSecond(1, 200);
  const double together = Office().NumbersPerSecond(kAtOnce, 200 * kAtOnce);
  std::cerr << "changes: " << alone << "/s one at a time\n";
  Print("commits_per_s_64_in_flight", together, "1/s",
        ">=" + std::to_string(static_cast<int>(5 * alone)),
        together >= 5 * alone);
}

}  // namespace interlink::bench
