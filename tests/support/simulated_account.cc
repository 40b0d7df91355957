#include "tests/support/simulated_account.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "federation/base/reason.h"
#include "federation/ledger/interlink_view.h"
#include "tests/support/simulated_stream.h"
#include "tests/support/virtual_writer.h"

namespace interlink::testing {

using federation::Duration;
using federation::PeerAnswer;
using federation::PeerTarget;
using federation::Reason;
using federation::Refusal;
namespace wire = federation::v1;

// Carries one account's calls. As with the real one, nothing is sent before the
// callee has proved who it is.
class SimulatedPeerClient : public federation::PeerClient {
 public:
  SimulatedPeerClient(SimulatedNetwork& network, SimulatedAccount& caller)
      : network_(network), caller_(caller) {}

  void Redeem(const PeerTarget& target, const wire::RedeemRequest& request,
              Duration timeout, Done<wire::RedeemResponse> done) override {
    Call<wire::RedeemResponse>(
        "Redeem", target, timeout, std::move(done),
        [request](federation::Account& account,
                  const federation::PeerCaller& caller, auto answer) {
          account.redemptions().Redeem(caller, request, std::move(answer));
        });
  }

  void Lookup(const PeerTarget& target, const wire::LookupRequest& request,
              Duration timeout, Done<wire::LookupResponse> done) override {
    Call<wire::LookupResponse>(
        "Lookup", target, timeout, std::move(done),
        [request](federation::Account& account,
                  const federation::PeerCaller& caller, auto answer) {
          if (auto known = AnswerOffLoop(account.lookups(), caller, request)) {
            answer(*std::move(known));
          } else {
            account.DecideLookup(caller, request, std::move(answer));
          }
        });
  }

  void Terminate(const PeerTarget& target,
                 const wire::TerminateRequest& request, Duration timeout,
                 Done<wire::TerminateResponse> done) override {
    Call<wire::TerminateResponse>(
        "Terminate", target, timeout, std::move(done),
        [request](federation::Account& account,
                  const federation::PeerCaller& caller, auto answer) {
          account.removals().Terminate(
              caller, request,
              [answer = std::move(answer)](const absl::Status& status) mutable {
                if (status.ok()) {
                  answer(wire::TerminateResponse());
                } else {
                  answer(status);
                }
              });
        });
  }

  std::unique_ptr<federation::PeerStream> Session(
      const PeerTarget& target) override {
    return SimulatedWire::Dial(network_, caller_, target);
  }

 private:
  static std::optional<absl::StatusOr<wire::LookupResponse>> AnswerOffLoop(
      const federation::Lookups& lookups, const federation::PeerCaller& caller,
      const wire::LookupRequest& request) {
    const OffLoop off_loop;
    return lookups.Answer(caller, request);
  }

  struct AnyPending {
    bool is_over = false;
    virtual ~AnyPending() = default;
  };
  // One call under way; whichever of answer and timeout comes first counts.
  template <class Response>
  struct Pending : AnyPending {
    Done<Response> done;
    federation::SteadyTime start;
    std::unique_ptr<federation::EventLoop::Timer> timeout;

    void End(absl::Status status, bool from_peer, Response response,
             federation::SteadyTime now) {
      if (is_over) return;
      is_over = true;
      timeout.reset();
      done({.status = std::move(status),
            .from_peer = from_peer,
            .response = std::move(response),
            .round_trip = now - start});
    }
  };

  template <class Response, class Handler>
  void Call(const std::string& method, const PeerTarget& target,
            Duration timeout, Done<Response> done, Handler handler) {
    ++network_.calls[method];
    VirtualLoop& loop = *caller_.loop_;
    auto pending = std::make_shared<Pending<Response>>();
    pending->done = std::move(done);
    pending->start = loop.Now();
    pending->timeout =
        loop.After(timeout, [weak = std::weak_ptr(pending), &loop] {
          auto late = weak.lock();
          if (!late) return;
          late->End(Refusal(Reason::kPeerUnreachable, "no answer in time"),
                    false, {}, loop.Now());
        });
    // What is under way dies with the caller, the message does not.
    std::erase_if(under_way_, [](const auto& call) { return call->is_over; });
    under_way_.push_back(pending);
    auto send = [method, target, weak = std::weak_ptr(pending), handler,
                 network = &network_, caller = &caller_] {
      const SimulatedNetwork::Fate fate = network->NextFate();
      if (fate.is_lost) return;  // The timeout will tell.
      for (int copy = 0; copy <= static_cast<int>(fate.is_repeated); ++copy) {
        network->time_.RunAt(
            network->time_.Now() + fate.delay * (copy + 1), [=] {
              Arrive<Response>(network, caller, method, target, weak, handler);
            });
      }
    };
    if (network_.hold_[method] > 0) {
      --network_.hold_[method];
      network_.held_.push_back(send);
    } else {
      send();
    }
  }

  template <class Response, class Handler>
  static void Arrive(SimulatedNetwork* network, SimulatedAccount* caller,
                     const std::string& method, const PeerTarget& target,
                     const std::weak_ptr<Pending<Response>>& weak,
                     const Handler& handler) {
    const auto found = network->at_.find(target.address);
    const bool is_cut =
        found != network->at_.end() &&
        network->cut_.contains({caller->name(), found->second->name()});
    if (is_cut) return;  // The timeout will tell.
    if (found == network->at_.end() || !found->second->is_running()) {
      SendBack<Response>(network, caller, method, nullptr, weak,
                         Refusal(Reason::kPeerUnreachable,
                                 "connection refused at " + target.address));
      return;
    }
    SimulatedAccount& callee = *found->second;
    if (auto verified = callee.Show(target.pin, *caller); !verified.ok()) {
      SendBack<Response>(network, caller, method, nullptr, weak, verified);
      return;
    }
    if (network->on_arrival) network->on_arrival(method, callee);
    if (!callee.is_running()) return;
    handler(callee.account(), caller->AsCaller(),
            [network, caller, method, weak,
             &callee](absl::StatusOr<Response> answer) {
              if (network->on_answer) network->on_answer(method, callee);
              SendBack<Response>(network, caller, method, &callee, weak,
                                 std::move(answer));
            });
  }

  // `peer`: who answers; nullptr if nobody has proved to be the peer.
  template <class Response>
  static void SendBack(SimulatedNetwork* network, SimulatedAccount* caller,
                       const std::string& method, SimulatedAccount* peer,
                       const std::weak_ptr<Pending<Response>>& weak,
                       absl::StatusOr<Response> answer) {
    if (network->lose_answers_[method] > 0) {
      --network->lose_answers_[method];
      return;
    }
    const SimulatedNetwork::Fate fate = network->NextFate();
    if (fate.is_lost) return;
    network->time_.RunAt(network->time_.Now() + fate.delay,
                         [weak, answer = std::move(answer), peer, network,
                          caller, sent = network->time_.Now()] {
                           auto pending = weak.lock();
                           if (!pending) return;
                           if (peer != nullptr && network->on_sign_of_life) {
                             network->on_sign_of_life(*caller, *peer, sent);
                           }
                           pending->End(answer.status(), peer != nullptr,
                                        answer.ok() ? *answer : Response(),
                                        network->time_.Now());
                         });
  }

  SimulatedNetwork& network_;
  SimulatedAccount& caller_;
  std::vector<std::shared_ptr<AnyPending>> under_way_;
};

namespace {

constexpr char kStore[] = "/store";

std::string Lower(std::string text) {
  std::erase(text, ' ');
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

// A step of a test's own setting that cannot fail in a correct build.
template <class T>
T OrDie(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << "\n";
    std::abort();
  }
  return *std::move(result);
}

}  // namespace

SimulatedAccount::SimulatedAccount(VirtualTime& time, SimulatedNetwork& network,
                                   std::string name, uint64_t seed)
    : AwaitedAccount(time),
      network_(network),
      name_(std::move(name)),
      disk_(seed),
      randomness_(std::hash<std::string>()(name_) ^ seed) {
  settings.account_name = name_;
  settings.addresses = {address()};
  settings.contact = "sip:{number}@" + Lower(name_) + ".test";
  network_.at_[address()] = this;
  Start();
}

SimulatedAccount::~SimulatedAccount() {
  Crash();
  std::erase_if(network_.at_,
                [this](const auto& at) { return at.second == this; });
}

std::string SimulatedAccount::address() const {
  return Lower(name_) + ".test:7443";
}

void SimulatedAccount::Start() {
  left_open_ = under_way_.Take();
  for (;;) {
    const absl::Status status = TryStart();
    if (status.ok()) return;
    if (!disk_.has_failed()) OrDie<bool>(status);
    Crash();
  }
}

absl::Status SimulatedAccount::TryStart() {
  loop_ = std::make_unique<VirtualLoop>(time_);
  loop_->clock_error = clock_error_;
  // Half of the time passes before the bytes are safe, and half after that.
  const auto takes = [this] {
    return disk_.sync_takes ? disk_.sync_takes() / 2 : Duration::zero();
  };
  auto database = store::OpenRocksDb(
      kStore, &disk_, VirtualWriter::WorkplaceOf(time_, *loop_, takes, takes));
  if (!database.ok()) return database.status();
  database_ = std::make_unique<NotedDatabase>(*std::move(database), under_way_);
  auto status = identity_.Load(*database_, randomness_, Clock());
  if (!status.ok()) return status;
  peers_ = std::make_unique<SimulatedPeerClient>(network_, *this);
  auto account =
      federation::Account::Open(settings, *identity_, *database_, *loop_,
                                randomness_, *peers_, generation_file_);
  if (!account.ok()) return account.status();
  account_ = *std::move(account);
  // The file is written off the answer path.
  const auto note = [this](uint64_t count) {
    loop_->Post([this, count] { generation_file_ = count; });
  };
  note(account_->generation().count());
  generations_ = account_->generation().observers().Add(note);
  return absl::OkStatus();
}

void SimulatedAccount::Crash() {
  disk_.Crash();
  generations_.reset();
  account_.reset();
  peers_.reset();
  database_.reset();
  loop_.reset();
  disk_.Restart();
}

absl::StatusOr<std::string> SimulatedAccount::BackUp() {
  const std::string copy = "/backup" + std::to_string(++copies_);
  auto size = database_->Backup(copy);
  if (!size.ok()) return size.status();
  return copy;
}

void SimulatedAccount::Restore(const std::string& backup,
                               store::RestoreMode mode) {
  Crash();
  disk_.RemoveDirectory(kStore);
  if (auto s = store::RestoreRocksDb(backup, kStore, mode, &disk_); !s.ok()) {
    std::cerr << s << "\n";
    std::abort();
  }
  Start();
}

std::string SimulatedAccount::Snapshot() {
  const std::string copy = "/snapshot" + std::to_string(++copies_);
  Crash();
  disk_.CopyDirectory(kStore, copy);
  generation_of_snapshot_[copy] = generation_file_;
  Start();
  return copy;
}

void SimulatedAccount::PutBack(const std::string& snapshot,
                               GenerationFile file) {
  Crash();
  disk_.RemoveDirectory(kStore);
  disk_.CopyDirectory(snapshot, kStore);
  if (file == GenerationFile::kPutBack) {
    generation_file_ = generation_of_snapshot_.at(snapshot);
  }
  Start();
}

absl::Status SimulatedAccount::Show(const federation::PeerPin& pin,
                                    const SimulatedAccount& to) {
  return identity_.Show(pin, Clock(), to.Clock());
}

federation::WallTime SimulatedAccount::Clock() const {
  return time_.WallNow() +
         std::chrono::duration_cast<federation::WallTime::duration>(
             clock_error_);
}

void SimulatedAccount::SetClockError(federation::Duration error) {
  clock_error_ = error;
  if (loop_ != nullptr) loop_->clock_error = error;
}

federation::PeerCaller SimulatedAccount::AsCaller() {
  return {.certificate = identity_.Presented(Clock()),
          .source = name_ + ".test:50000"};
}

std::vector<api::Interlink> SimulatedAccount::Rows(bool removed) const {
  api::ListInterlinksRequest request;
  request.set_page_size(1000);
  request.set_show_removed(removed);
  auto response = OrDie(ListInterlinks(account_->interlinks(), request));
  return {response.interlinks().begin(), response.interlinks().end()};
}

std::vector<std::string> SimulatedAccount::Names() const {
  std::vector<std::string> names;
  for (const auto& row : Rows()) names.push_back(row.name());
  return names;
}

std::optional<api::Interlink> SimulatedAccount::Row(
    const std::string& name) const {
  for (auto& row : Rows()) {
    if (row.name() == name) return row;
  }
  return std::nullopt;
}

std::vector<std::string> SimulatedAccount::EventKinds() const {
  api::ListEventsRequest request;
  request.set_page_size(1000);
  std::vector<std::string> kinds;
  const auto response = OrDie(account_->events().List(request));
  for (const auto& event : response.events()) {
    kinds.push_back(event.kind());
  }
  return kinds;
}

}  // namespace interlink::testing
