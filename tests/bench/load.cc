#include "tests/bench/load.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "interlink/federation/v1/federation.grpc.pb.h"
#include "interlink/v1/interlink.grpc.pb.h"
#include "tests/bench/figures.h"

namespace interlink::bench {
namespace {

namespace wire = federation::v1;

struct LookupCall {
  using Service = wire::FederationService;
  using Request = wire::LookupRequest;
  using Response = wire::LookupResponse;
  static constexpr auto kCall = [](auto* stub, auto... arguments) {
    stub->async()->Lookup(arguments...);
  };
  static bool IsRight(const grpc::Status& status, const Response& response) {
    return status.ok() && response.has_entry();
  }
};

struct ResolveCall {
  using Service = v1::ResolverService;
  using Request = v1::ResolveRequest;
  using Response = v1::ResolveResponse;
  static constexpr auto kCall = [](auto* stub, auto... arguments) {
    stub->async()->Resolve(arguments...);
  };
  static bool IsRight(const grpc::Status& status, const Response& response) {
    return status.ok() && response.resolution().routes_size() == 1;
  }
};

struct MissCall : ResolveCall {
  static bool IsRight(const grpc::Status& status, const Response&) {
    return status.error_code() == grpc::StatusCode::UNAVAILABLE;
  }
};

template <class Rpc>
class Load {
 public:
  Load(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
       const typename Rpc::Request& request, int first, int count,
       int in_flight, std::chrono::milliseconds time)
      : first_(first), count_(count), end_(Clock::now() + time) {
    for (const auto& channel : channels) {
      stubs_.push_back(Rpc::Service::NewStub(channel));
    }
    slots_.resize(static_cast<size_t>(in_flight));
    running_ = in_flight;
    for (size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].stub = stubs_[i % stubs_.size()].get();
      slots_[i].request = request;
      slots_[i].times.reserve(1 << 16);
    }
    start_ = Clock::now();
    for (Slot& slot : slots_) Call(slot);
  }

  LoadResult Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    over_.wait(lock, [this] { return running_ == 0; });
    const double seconds = MillisecondsSince(start_) / 1000;
    std::vector<double> all;
    for (const Slot& slot : slots_) {
      all.insert(all.end(), slot.times.begin(), slot.times.end());
    }
    std::sort(all.begin(), all.end());
    return {.per_second = static_cast<double>(all.size()) / seconds,
            .median_ms = all[all.size() / 2],
            .p99_ms = all[all.size() * 99 / 100]};
  }

 private:
  struct Slot {
    typename Rpc::Service::Stub* stub = nullptr;
    std::unique_ptr<grpc::ClientContext> context;
    typename Rpc::Request request;
    typename Rpc::Response response;
    Clock::time_point start;
    std::vector<double> times;
  };

  void Call(Slot& slot) {
    const int step = next_.fetch_add(1, std::memory_order_relaxed);
    // A stride that shares no factor with the count visits all of them.
    slot.request.set_number(std::to_string(
        first_ + static_cast<int>(static_cast<int64_t>(step) * 7919 % count_)));
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.response.Clear();
    slot.start = Clock::now();
    Rpc::kCall(slot.stub, slot.context.get(), &slot.request, &slot.response,
               [this, &slot](grpc::Status status) { Ended(slot, status); });
  }

  void Ended(Slot& slot, const grpc::Status& status) {
    if (!Rpc::IsRight(status, slot.response)) {
      Fail("the load: " + status.error_message() + " " +
           slot.response.ShortDebugString());
    }
    slot.times.push_back(MillisecondsSince(slot.start));
    if (Clock::now() < end_) {
      Call(slot);
      return;
    }
    std::lock_guard<std::mutex> lock(mutex_);
    if (--running_ == 0) over_.notify_one();
  }

  const int first_;
  const int count_;
  const Clock::time_point end_;
  Clock::time_point start_;
  std::vector<std::unique_ptr<typename Rpc::Service::Stub>> stubs_;
  std::vector<Slot> slots_;
  std::atomic<int> next_{0};
  std::mutex mutex_;
  std::condition_variable over_;
  int running_ = 0;
};

}  // namespace

LoadResult RunLookups(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels,
    const std::string& interlink_id, int first, int count, int in_flight,
    std::chrono::milliseconds time) {
  wire::LookupRequest request;
  request.set_interlink_id(interlink_id);
  return Load<LookupCall>(channels, request, first, count, in_flight, time)
      .Wait();
}

LoadResult RunResolves(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels, int first,
    int count, int in_flight, std::chrono::milliseconds time) {
  return Load<ResolveCall>(channels, {}, first, count, in_flight, time).Wait();
}

LoadResult RunMisses(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels, int first,
    int count, int in_flight, std::chrono::milliseconds time) {
  return Load<MissCall>(channels, {}, first, count, in_flight, time).Wait();
}

}  // namespace interlink::bench
