#include "store/etcd/feed.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "etcd/rpc.pb.h"
#include "store/etcd/backoff.h"
#include "store/etcd/client.h"
#include "store/etcd/errors.h"
#include "store/etcd/layout.h"
#include "store/etcd/options.h"

namespace interlink::store {
namespace {

namespace pb = etcdserverpb;

// What was read and not taken in: at most so many transactions.
constexpr int kMaxAhead = 64;

// The first of `events` that is not of the revision of the first.
auto EndOfRevision(std::vector<pb::Event>& events) {
  const int64_t revision = events.front().kv().mod_revision();
  return std::find_if(events.begin(), events.end(),
                      [revision](const pb::Event& event) {
                        return event.kv().mod_revision() != revision;
                      });
}

}  // namespace

class EtcdFeed::Thread {
 public:
  Thread(const EtcdOptions& options, const Layout& layout, Contents contents,
         Events events)
      : layout_(layout),
        at_(std::move(contents)),
        events_(std::move(events)),
        client_(options),
        patience_(options.patience) {
    at_.entries = {};
  }
  ~Thread() {
    client_.Cancel();
    {
      const absl::MutexLock lock(&mutex_);
      is_ending_ = true;
    }
    if (thread_.joinable()) thread_.join();
  }

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  void Done() {
    const absl::MutexLock lock(&mutex_);
    --ahead_;
  }
  void Leave(const std::string& endpoint) { client_.Leave(endpoint); }

 private:
  // Returns when the feed has ended.
  void Run();
  // Return why they have ended. Final() errors are for good; OUT_OF_RANGE asks
  // for a reload.
  absl::Status Follow();
  absl::Status Reload();
  // Whether the member has the transactions so far.
  absl::Status Check();
  absl::Status CheckCluster(uint64_t cluster);
  // Takes the events that have come so far; of the last revision only if it
  // `is_whole`.
  absl::Status Take(std::vector<pb::Event>& held, bool is_whole);
  void Tell(const absl::Status& trouble);
  bool AwaitRoom();
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return is_ending_ || ahead_ < kMaxAhead;
  }

  const Layout& layout_;
  Contents at_;  // How far it has come; without entries.
  const Events events_;
  EtcdClient client_;
  Patience patience_;
  Backoff backoff_;
  size_t strangers_ = 0;  // How many members in a row are of another cluster.

  absl::Mutex mutex_;
  int ahead_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

void EtcdFeed::Thread::Run() {
  size_t tried = 0;
  for (;;) {
    absl::Status status = Follow();
    if (absl::IsOutOfRange(status)) status = Reload();
    if (client_.is_cancelled()) return;
    if (IsFinal(status)) {
      events_.on_end(std::move(status));
      return;
    }
    if (status.ok()) continue;
    Tell(EtcdUnavailable(InWords(client_.endpoint(), status)));
    client_.Move();
    if (++tried % client_.endpoints() != 0) continue;
    if (!client_.Pause(backoff_.Next())) return;
  }
}

absl::Status EtcdFeed::Thread::Follow() {
  if (auto s = Check(); !s.ok()) return s;
  pb::WatchRequest request;
  auto* const create = request.mutable_create_request();
  create->set_key(layout_.prefix());
  create->set_range_end(layout_.end());
  create->set_start_revision(at_.etcd_revision + 1);
  create->set_progress_notify(true);
  create->set_fragment(true);
  const auto stream = client_.Watch(request);
  std::vector<pb::Event> held;
  pb::WatchResponse response;
  for (;;) {
    if (auto s = stream->Read(&response); !s.ok()) return s;
    if (response.created()) {
      backoff_.Reset();
      Tell(absl::OkStatus());
    }
    const bool is_progress = !response.created() && response.events().empty();
    for (pb::Event& event : *response.mutable_events()) {
      held.push_back(std::move(event));
    }
    if (auto s = Take(held, !response.fragment()); !s.ok()) return s;
    if (is_progress && held.empty()) {
      at_.etcd_revision =
          std::max(at_.etcd_revision, response.header().revision());
    }
  }
}

absl::Status EtcdFeed::Thread::Take(std::vector<pb::Event>& held,
                                    bool is_whole) {
  while (!held.empty()) {
    const auto end = EndOfRevision(held);
    if (end == held.end() && !is_whole) break;
    std::vector<const pb::Event*> events;
    for (auto i = held.begin(); i != end; ++i) events.push_back(&*i);
    auto transaction = ReadTransaction(layout_, at_.revision, events);
    if (!transaction.ok()) return transaction.status();
    at_.etcd_revision = held.front().kv().mod_revision();
    held.erase(held.begin(), end);
    if (!*transaction) continue;
    at_.commit = (*transaction)->commit;
    at_.revision = (*transaction)->revision;
    if (!AwaitRoom()) return absl::CancelledError("the feed ends");
    events_.on_transaction(**std::move(transaction));
  }
  return absl::OkStatus();
}

absl::Status EtcdFeed::Thread::Check() {
  pb::RangeRequest request;
  request.set_key(layout_.commit());
  request.set_revision(at_.etcd_revision);
  pb::RangeResponse response;
  absl::Status status = client_.Range(request, &response);
  const bool is_there = !absl::IsOutOfRange(status);
  if (!is_there) {
    // Compacted, or one that has not been yet.
    request.set_revision(0);
    status = client_.Range(request, &response);
  }
  if (!status.ok()) return status;
  if (auto s = CheckCluster(response.header().cluster_id()); !s.ok()) return s;
  const int64_t latest = response.header().revision();
  if (latest < at_.etcd_revision) {
    return PutBack("it is at revision " + std::to_string(latest) +
                   " and was at " + std::to_string(at_.etcd_revision));
  }
  if (!is_there) return absl::OutOfRangeError("it was compacted");
  if (response.kvs_size() == 1 && response.kvs(0).value() == at_.commit) {
    return absl::OkStatus();
  }
  return PutBack("at revision " + std::to_string(at_.etcd_revision) +
                 " its commit was another one");
}

// One endpoint may lead to another cluster by mistake; all of them do if the
// cluster was replaced.
absl::Status EtcdFeed::Thread::CheckCluster(uint64_t cluster) {
  if (cluster == at_.cluster) {
    strangers_ = 0;
    return absl::OkStatus();
  }
  const std::string detail = "it is cluster " + std::to_string(cluster) +
                             " and was " + std::to_string(at_.cluster);
  if (++strangers_ >= client_.endpoints()) return PutBack(detail);
  return absl::UnavailableError(detail);
}

absl::Status EtcdFeed::Thread::Reload() {
  auto contents = Load(client_, layout_);
  if (!contents.ok()) {
    // Compacted again, while it was read.
    return absl::IsOutOfRange(contents.status())
               ? absl::UnavailableError("it was compacted meanwhile")
               : contents.status();
  }
  if (auto s = CheckCluster(contents->cluster); !s.ok()) return s;
  if (contents->commit.empty()) {
    return NotOurs(layout_.prefix(), "all of it was deleted");
  }
  if (contents->revision < at_.revision) {
    return PutBack("its latest commit is of revision " +
                   std::to_string(contents->revision) + " and was of " +
                   std::to_string(at_.revision));
  }
  std::vector<Entry> entries = std::exchange(contents->entries, {});
  at_ = *contents;
  contents->entries = std::move(entries);
  if (!AwaitRoom()) return absl::CancelledError("the feed ends");
  events_.on_reload(*std::move(contents));
  return absl::OkStatus();
}

void EtcdFeed::Thread::Tell(const absl::Status& trouble) {
  if (const auto news = patience_.Take(trouble)) events_.on_trouble(*news);
}

bool EtcdFeed::Thread::AwaitRoom() {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Thread::HasRoom));
  ++ahead_;
  return !is_ending_;
}

EtcdFeed::EtcdFeed(const EtcdOptions& options, const Layout& layout,
                   Contents contents, Events events)
    : thread_(std::make_unique<Thread>(options, layout, std::move(contents),
                                       std::move(events))) {}

EtcdFeed::~EtcdFeed() = default;

void EtcdFeed::Start() { thread_->Start(); }

void EtcdFeed::Done() { thread_->Done(); }

void EtcdFeed::Leave(const std::string& endpoint) { thread_->Leave(endpoint); }

}  // namespace interlink::store
