#include "tests/bench/loop_stall.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/peer/accept/federation_service.h"
#include "daemon/peer/accept/peer_listener.h"
#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/os_randomness.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "federation/base/workplace.h"
#include "federation/ledger/interlink_update.h"
#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/bench/figures.h"
#include "tests/bench/measured_loop.h"
#include "tests/bench/slow_disk.h"

namespace interlink::bench {
namespace {

namespace wire = federation::v1;

constexpr int kNumbers = 100'000;
constexpr int kChunk = 1000;

// A loop and its thread.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.Run(); }) {}
  ~LoopThread() { End(); }

  // Runs it on the loop and waits for it.
  void Do(const std::function<void()>& task) {
    std::promise<void> done;
    loop.Post([&] {
      task();
      done.set_value();
    });
    done.get_future().get();
  }
  void End() {
    if (!thread_.joinable()) return;
    loop.Stop();
    thread_.join();
  }

  daemon::AsioEventLoop loop;

 private:
  std::thread thread_;
};

// A peer's daemon that takes the directory and forgets it: mirrors of a
// thousand accounts would fill the machine. Threading: loop only.
class Sink final : private federation::PeerStream::Events {
 public:
  Sink(daemon::AsioEventLoop& loop, federation::Identity identity)
      : identity_(std::move(identity)),
        tls_(identity_, loop),
        peers_(loop, tls_) {}

  // Asks for a sign of life.
  void Ping() {
    wire::SessionMessage message;
    message.mutable_ping()->set_sequence(asked_.size());
    asked_.push_back(Clock::now());
    Send(std::move(message));
  }
  // How long each took to come.
  std::vector<double> pong_ms() const { return pong_ms_; }

  const federation::Identity& identity() const { return identity_; }
  store::InterlinkId link() const { return link_; }
  // Whether it was sent a directory of so many numbers to the end.
  bool HasSeen(uint64_t count) const { return count_ == count; }

  void Dial(const federation::PeerTarget& owner) {
    stream_ = peers_.Session(owner);
    stream_->Open(*this);
    wire::SessionMessage message;
    auto& hello = *message.mutable_hello();
    hello.set_interlink_id(link_.ToBytes());
    hello.set_protocol_min(1);
    hello.set_protocol_max(1);
    hello.set_epoch(1);
    hello.set_instance_id(std::string(16, 'i'));
    Send(std::move(message));
    message.Clear();
    message.mutable_subscribe();
    Send(std::move(message));
  }

 private:
  void Send(wire::SessionMessage message) {
    queue_.push_back(std::move(message));
    if (queue_.size() == 1) stream_->Send(queue_.front());
  }
  void OnGarbage() override {}
  void OnSent() override {
    queue_.pop_front();
    if (!queue_.empty()) stream_->Send(queue_.front());
  }
  void OnMessage(wire::SessionMessage message) override {
    if (message.has_ping()) {
      wire::SessionMessage pong;
      pong.mutable_pong()->set_sequence(message.ping().sequence());
      Send(std::move(pong));
    }
    if (message.has_pong() && message.pong().sequence() < asked_.size()) {
      pong_ms_.push_back(MillisecondsSince(asked_[message.pong().sequence()]));
    }
    if (message.directory_part().has_directory()) {
      count_ = message.directory_part().directory().count();
    }
  }
  void OnClosed(absl::Status status, bool /*from_peer*/) override {
    Fail("a session has ended: " + status.ToString());
  }

  const federation::Identity identity_;
  const daemon::TlsIdentity tls_;
  daemon::GrpcPeerClient peers_;
  const store::InterlinkId link_ =
      *store::InterlinkId::FromBytes(identity_.account_id().ToBytes());
  std::unique_ptr<federation::PeerStream> stream_;
  std::deque<wire::SessionMessage> queue_;  // The first is being sent.
  uint64_t count_ = 0;
  std::vector<Clock::time_point> asked_;
  std::vector<double> pong_ms_;
};

// The account whose loop is measured; its store is in memory.
class Owner {
 public:
  explicit Owner(std::chrono::milliseconds sync = {}) : disk_(sync) {
    database_ = OrFail(
        store::OpenRocksDb("/store", &disk_, federation::WorkplaceOf(loop_)));
    identity_ = std::make_unique<federation::Identity>(
        OrFail(federation::Identity::LoadOrCreate(*database_, randomness_,
                                                  thread_.loop.WallNow())));
  }
  ~Owner() {
    if (listener_ != nullptr) listener_->Shutdown();
    thread_.End();
    listener_.reset();
    service_.reset();
    account_.reset();
    peers_.reset();
    tls_.reset();
  }

  // A link with that peer; before Start().
  void Link(const Sink& sink) {
    store::v1::InterlinkRecord row;
    row.set_id(sink.link().ToBytes());
    row.set_name(sink.link().ToHex());
    row.set_state(store::v1::ROW_STATE_ESTABLISHED);
    auto& peer = *row.mutable_peer();
    peer.set_account_id(sink.identity().account_id().ToBytes());
    peer.add_root_certificates(sink.identity().root().ToDer());
    peer.set_contact("sip:{number}@peer.test");
    OrFail(
        database_->Commit({}, {store::Op::Put(store::InterlinkKey(sink.link()),
                                              store::Encode(row))}));
  }
  void Start() {
    thread_.Do([this] {
      tls_ = std::make_unique<daemon::TlsIdentity>(*identity_, loop_);
      peers_ = std::make_unique<daemon::GrpcPeerClient>(thread_.loop, *tls_);
      account_ = OrFail(federation::Account::Open(
          settings_, *identity_, *database_, loop_, randomness_, *peers_));
      service_ = std::make_unique<daemon::FederationService>(loop_, *account_);
    });
    daemon::PeerListener::Options options;
    options.address = "127.0.0.1:0";
    listener_ = OrFail(
        daemon::PeerListener::Start(thread_.loop, *tls_, *service_, options));
  }
  federation::PeerTarget Target() const {
    return {.address = listener_->bound_address(),
            .pin = {.account_id = identity_->account_id(),
                    .roots = {identity_->root().ToDer()}}};
  }
  size_t Sessions() {
    size_t open = 0;
    thread_.Do([&] { open = account_->sessions().open(); });
    return open;
  }
  void Reset() {
    thread_.Do([this] { loop_.Reset(); });
  }
  double LongestMs() {
    double longest = 0;
    thread_.Do([&] { longest = loop_.longest_ms(); });
    return longest;
  }

  // As the API's ImportNumbers does: each chunk is a task of its own.
  void Import(int first) {
    for (int done = 0; done < kNumbers; done += kChunk) {
      v1::ImportNumbersRequest chunk;
      for (int i = done; i < done + kChunk; ++i) {
        auto& number = *chunk.add_entries()->mutable_number();
        number.set_number(std::to_string(first + i));
        number.set_name("A name, 16 bytes");
        number.set_destination("sip:x@10.0.0.5");
      }
      std::promise<absl::Status> stored;
      loop_.Post([&] {
        account_->numbers().Import(std::move(chunk), [&](auto outcome) {
          stored.set_value(outcome.status());
        });
      });
      if (!stored.get_future().get().ok()) Fail("import");
    }
  }

  // Changes the settings of that link for ever, so many changes at a time.
  void KeepChanging(store::InterlinkId link, int at_once) {
    for (int i = 0; i < at_once; ++i) {
      loop_.Post([this, link] { Change(link); });
    }
  }

 private:
  void Change(store::InterlinkId link) {
    v1::UpdateInterlinkRequest request;
    request.mutable_interlink()->set_id(link.ToHex());
    request.mutable_interlink()->set_priority(++changes_ % 1000);
    request.mutable_update_mask()->add_paths("priority");
    UpdateInterlink(account_->ledger(), request, [this, link](const auto& row) {
      if (!row.ok()) Fail(row.status().ToString());
      Change(link);
    });
  }

  SlowDisk disk_;
  int changes_ = 0;
  daemon::OsRandomness randomness_;
  LoopThread thread_;
  MeasuredLoop loop_{thread_.loop};
  federation::AccountSettings settings_{.account_name = "the owner"};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<federation::Identity> identity_;
  std::unique_ptr<daemon::TlsIdentity> tls_;
  std::unique_ptr<daemon::GrpcPeerClient> peers_;
  std::unique_ptr<federation::Account> account_;
  std::unique_ptr<daemon::FederationService> service_;
  std::unique_ptr<daemon::PeerListener> listener_;
};

federation::Identity NewIdentity(federation::WallTime now) {
  const std::unique_ptr<rocksdb::Env> disk(
      rocksdb::NewMemEnv(rocksdb::Env::Default()));
  const auto database = OrFail(store::OpenRocksDb("/store", disk.get()));
  daemon::OsRandomness randomness;
  return OrFail(federation::Identity::LoadOrCreate(*database, randomness, now));
}

}  // namespace

void MeasureLoopStall(int links) {
  using std::chrono_literals::operator""s;
  Owner owner;
  LoopThread thread;
  std::vector<std::unique_ptr<Sink>> sinks;
  thread.Do([&] {
    for (int i = 0; i < links; ++i) {
      sinks.push_back(std::make_unique<Sink>(
          thread.loop, NewIdentity(thread.loop.WallNow())));
      owner.Link(*sinks.back());
    }
  });
  owner.Start();
  for (const auto& sink : sinks) {
    thread.Do([&] { sink->Dial(owner.Target()); });
  }
  const auto pause = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  };
  Await(
      "the sessions",
      [&] {
        pause();
        return owner.Sessions() == sinks.size();
      },
      120s);
  owner.Reset();
  const auto start = Clock::now();
  owner.Import(10'000'000);
  const double import_ms = MillisecondsSince(start);
  Await(
      "the directories",
      [&] {
        pause();
        size_t done = 0;
        thread.Do([&] {
          for (const auto& sink : sinks) done += sink->HasSeen(kNumbers);
        });
        return done == sinks.size();
      },
      1200s);
  std::cerr << "import: " << import_ms << " ms, all told after "
            << MillisecondsSince(start) << " ms\n";
  const double longest = owner.LongestMs();
  Print("loop_stall_ms_import_" + std::to_string(links) + "_links", longest,
        "ms", "<=20", longest <= 20);
  thread.Do([&] { sinks.clear(); });
}

void MeasurePongs() {
  constexpr int kPings = 400;
  const std::chrono::milliseconds between(25);
  Owner owner(std::chrono::milliseconds(200));
  LoopThread thread;
  std::unique_ptr<Sink> sink;
  thread.Do([&] {
    sink =
        std::make_unique<Sink>(thread.loop, NewIdentity(thread.loop.WallNow()));
    owner.Link(*sink);
  });
  owner.Start();
  thread.Do([&] { sink->Dial(owner.Target()); });
  Await("the session", [&] { return owner.Sessions() == 1; });
  owner.KeepChanging(sink->link(), 4);
  for (int i = 0; i < kPings; ++i) {
    std::this_thread::sleep_for(between);
    thread.Do([&] { sink->Ping(); });
  }
  std::vector<double> times;
  Await("the pongs", [&] {
    thread.Do([&] { times = sink->pong_ms(); });
    return times.size() == kPings;
  });
  std::sort(times.begin(), times.end());
  std::cerr << "pongs: median " << Median(times) << " ms, longest "
            << times.back() << " ms\n";
  const double p99 = times[times.size() * 99 / 100];
  Print("pong_ms_p99_sync_200ms", p99, "ms", "<=20", p99 <= 20);
  thread.Do([&] { sink.reset(); });
}

}  // namespace interlink::bench
