#include "store/etcd/database.h"

#include <string>
#include <utility>
#include <vector>

#include "store/change_feed.h"
#include "store/etcd/attempt.h"
#include "store/etcd/commits.h"
#include "store/etcd/contents.h"
#include "store/etcd/copy.h"
#include "store/etcd/errors.h"
#include "store/etcd/feed.h"
#include "store/etcd/group.h"
#include "store/etcd/layout.h"
#include "store/etcd/troubles.h"
#include "store/writer_thread.h"

namespace interlink::store {
namespace {

// What a commit gets that a failure has kept from being made.
absl::Status AnswerOf(const absl::Status& failure) {
  return absl::IsUnavailable(failure)
             ? failure
             : EtcdUnavailable(std::string(failure.message()));
}

absl::Status NotLeader() {
  return EtcdUnavailable("another replica leads the account now");
}

// All is decided on the loop: a group of commits on the copy, whether it was
// made by what the watch shows. The writer sends; the feed reads.
class EtcdDatabaseOnLoop : public EtcdDatabase {
 public:
  EtcdDatabaseOnLoop(const EtcdOptions& options, Layout layout,
                     Workplace workplace, Contents contents);
  ~EtcdDatabaseOnLoop() override { attempts_.Cancel(); }

  absl::StatusOr<std::optional<Entry>> Get(
      std::string_view key) const override {
    return copy_.Get(key);
  }
  absl::StatusOr<std::vector<Entry>> Scan(std::string_view prefix,
                                          std::string_view after,
                                          size_t limit) const override {
    return copy_.Scan(prefix, after, limit);
  }
  void Commit(Batch batch, Done done) override;
  absl::StatusOr<Revision> Commit(const std::vector<Precondition>&,
                                  const std::vector<Op>&) override {
    return absl::UnimplementedError(
        "commits to etcd are not waited for: use the one with an answer");
  }
  size_t max_bulk_ops() const override { return kMaxOps; }
  Revision revision() const override { return revision_; }
  std::unique_ptr<Subscription> Follow(std::string prefix,
                                       Follower follower) override {
    return feed_.Follow(std::move(prefix), std::move(follower));
  }
  absl::StatusOr<uint64_t> Backup(const std::string& directory) override {
    return copy_.Backup(directory);
  }
  absl::Status failure() const override { return troubles_.failure(); }
  void OnFailure(std::function<void()> failed) override {
    failed_ = std::move(failed);
  }
  absl::Status Reopen() override { return failure(); }
  void CommitAs(std::optional<int64_t> leadership) override;

 private:
  EtcdFeed::Events FeedEvents();
  Attempts::Events AttemptEvents();
  // Runs `task` on the loop while the database lives. Any thread.
  template <class Task>
  void Post(Task task);

  absl::Status Check(const Batch& batch) const;
  // Sends what waits, unless something is on its way.
  void Send();
  void Probe();
  void SendAttempt(Attempt attempt, std::vector<Commits::Begun> commits);

  void Take(Transaction transaction);
  void Take(Contents contents);
  void Take(uint64_t number, Fate fate, int64_t leadership);
  void TakeRefusal(const absl::Status& refusal);
  void ResolveOrphan();
  void TellOwn(const std::vector<Commits::Begun>& commits);
  void Answer();
  void SetTrouble(Troubles::Kind kind, absl::Status status);

  const Layout layout_;
  const std::function<void(store::Task)> post_;
  LocalCopy copy_;
  Troubles troubles_;

  // The rest is the loop's.
  std::string commit_;  // The latest that was told, sealed.
  Revision revision_;
  Commits commits_;
  uint64_t sent_ = 0;
  int64_t leadership_ = 0;
  ChangeFeed feed_;
  std::function<void()> failed_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  Attempts attempts_;
  // The last, so that the others outlive the threads.
  const std::unique_ptr<EtcdFeed> etcd_feed_;
  const std::unique_ptr<Writer> writer_;
};

EtcdDatabaseOnLoop::EtcdDatabaseOnLoop(const EtcdOptions& options,
                                       Layout layout, Workplace workplace,
                                       Contents contents)
    : layout_(std::move(layout)),
      post_(std::move(workplace.post)),
      copy_(contents.revision, std::exchange(contents.entries, {})),
      commit_(contents.commit),
      revision_(contents.revision),
      commits_(options.patience),
      attempts_(options, layout_, AttemptEvents()),
      etcd_feed_(std::make_unique<EtcdFeed>(options, layout_,
                                            std::move(contents), FeedEvents())),
      writer_(workplace.writer != nullptr ? std::move(workplace.writer)
                                          : std::make_unique<WriterThread>()) {
  etcd_feed_->Start();
}

template <class Task>
void EtcdDatabaseOnLoop::Post(Task task) {
  post_([alive = std::weak_ptr(alive_), task = std::move(task)]() mutable {
    if (!alive.expired()) task();
  });
}

EtcdFeed::Events EtcdDatabaseOnLoop::FeedEvents() {
  return {.on_transaction =
              [this](Transaction transaction) {
                Post([this, shown = std::move(transaction)]() mutable {
                  etcd_feed_->Done();
                  Take(std::move(shown));
                  Answer();
                });
              },
          .on_reload =
              [this](Contents contents) {
                Post([this, read = std::move(contents)]() mutable {
                  etcd_feed_->Done();
                  Take(std::move(read));
                  Answer();
                });
              },
          .on_trouble =
              [this](absl::Status status) {
                Post([this, status = std::move(status)] {
                  SetTrouble(Troubles::kUnseen, status);
                  Answer();
                });
              },
          .on_end =
              [this](absl::Status status) {
                Post([this, status = std::move(status)] {
                  copy_.Close(status);
                  SetTrouble(Troubles::kEnded, status);
                  if (commits_.in_flight() != nullptr) {
                    commits_.EndWith(AnswerOf(status));
                  }
                  Answer();
                });
              }};
}

Attempts::Events EtcdDatabaseOnLoop::AttemptEvents() {
  return {
      .on_trouble =
          [this](absl::Status status) {
            Post([this, status = std::move(status)] {
              SetTrouble(Troubles::kUnwritten, status);
              Answer();
            });
          },
      .on_silence =
          [this](const std::string& endpoint) { etcd_feed_->Leave(endpoint); }};
}

absl::Status EtcdDatabaseOnLoop::Check(const Batch& batch) const {
  if (feed_.telling()) {
    return absl::InternalError("a follower of the store must not commit");
  }
  if (auto s = failure(); !s.ok()) return AnswerOf(s);
  return CheckLimits(batch, kMaxOps, kMaxBytes);
}

void EtcdDatabaseOnLoop::Commit(Batch batch, Done done) {
  if (auto s = Check(batch); !s.ok()) {
    commits_.Refuse(std::move(done), std::move(s));
    Post([this] { Answer(); });
    return;
  }
  commits_.Begin(std::move(batch), std::move(done));
  Send();
}

void EtcdDatabaseOnLoop::CommitAs(std::optional<int64_t> leadership) {
  leadership_ = leadership.value_or(0);
  SetTrouble(Troubles::kUnled, absl::OkStatus());
}

void EtcdDatabaseOnLoop::Send() {
  if (!commits_.CanSend() || !failure().ok()) return;
  EtcdGroup group(copy_, revision_);
  std::vector<Commits::Begun> commits = commits_.Fill(group);
  const bool has_changes = group.revision() != revision_;
  SendAttempt({.base = commit_,
               .revision = revision_,
               .commit = has_changes ? layout_.SealCommit(group.revision())
                                     : std::string(),
               .changes = group.changes(),
               .leadership = leadership_},
              std::move(commits));
}

void EtcdDatabaseOnLoop::SendAttempt(Attempt attempt,
                                     std::vector<Commits::Begun> commits) {
  const uint64_t number = ++sent_;
  const bool is_probe = commits.empty();
  commits_.Send(
      {number, attempt.base, attempt.commit, std::move(commits), {}, false});
  writer_->Run([this, number, is_probe, attempt = std::move(attempt)] {
    Fate fate = is_probe ? attempts_.Settle(attempt) : attempts_.Make(attempt);
    if (fate.kind == Fate::kCancelled) return;
    Post([this, number, fate = std::move(fate),
          leadership = attempt.leadership]() mutable {
      Take(number, std::move(fate), leadership);
      Answer();
    });
  });
}

// Until etcd takes an empty commit, it takes no other.
void EtcdDatabaseOnLoop::Probe() {
  SendAttempt({.base = commit_,
               .revision = revision_,
               .commit = {},
               .changes = {},
               .leadership = leadership_},
              {});
}

void EtcdDatabaseOnLoop::Take(Transaction shown) {
  if (!troubles_.Get(Troubles::kEnded).ok()) return;
  const Commits::InFlight* const sent = commits_.in_flight();
  const bool is_own =
      sent != nullptr && !sent->commit.empty() && sent->commit == shown.commit;
  commit_ = std::move(shown.commit);
  if (is_own) {
    TellOwn(sent->commits);
    SetTrouble(Troubles::kUnwritten, absl::OkStatus());
    commits_.EndAsMade();
    return;
  }
  revision_ = shown.revision;
  if (!shown.changes.empty()) {
    copy_.Apply(revision_, shown.changes);
    feed_.Publish(revision_, shown.changes);
  }
  // It compares with a commit that is not the latest, and was not made before.
  if (sent != nullptr) commits_.TryAgain();
}

void EtcdDatabaseOnLoop::TellOwn(const std::vector<Commits::Begun>& commits) {
  for (const Commits::Begun& begun : commits) {
    if (!begun.outcome.ok() || *begun.outcome <= revision_) continue;
    revision_ = *begun.outcome;
    std::vector<Change> changes;
    for (const Op& op : begun.batch.ops) {
      changes.push_back({op.key, op.value, revision_});
    }
    copy_.Apply(revision_, changes);
    feed_.Publish(revision_, changes);
  }
}

void EtcdDatabaseOnLoop::Take(Contents read) {
  if (!troubles_.Get(Troubles::kEnded).ok()) return;
  copy_.Replace(read.revision, std::move(read.entries));
  commit_ = std::move(read.commit);
  revision_ = read.revision;
  feed_.Reset();
  Commits::InFlight* const sent = commits_.in_flight();
  if (sent == nullptr || commit_ == sent->base) return;
  if (commit_ == sent->commit) {
    commits_.EndAsMade();
    return;
  }
  sent->is_orphan = true;
  ResolveOrphan();
}

void EtcdDatabaseOnLoop::Take(uint64_t number, Fate fate, int64_t leadership) {
  if (fate.kind != Fate::kRefused) {
    SetTrouble(Troubles::kUnwritten, absl::OkStatus());
  }
  if (fate.kind == Fate::kNotLeader && leadership == leadership_) {
    SetTrouble(Troubles::kUnled, NotLeader());
  }
  // Unless the watch has told already.
  Commits::InFlight* const sent = commits_.in_flight();
  if (sent == nullptr || sent->number != number) return;
  sent->fate = std::move(fate);
  switch (sent->fate->kind) {
    case Fate::kRefused:
      TakeRefusal(sent->fate->status);
      return;
    case Fate::kNotLeader:
      commits_.EndWith(NotLeader());
      return;
    case Fate::kMade:
      if (sent->commit.empty()) commits_.EndAsMade();
      break;
    default:  // The watch will tell.
      break;
  }
  ResolveOrphan();
}

void EtcdDatabaseOnLoop::TakeRefusal(const absl::Status& refusal) {
  // What is wrong with one transaction need not be with the next.
  const bool is_lasting = !absl::IsInvalidArgument(refusal);
  const auto answer = EtcdUnavailable(std::string(refusal.message()));
  commits_.EndWith(answer);
  if (!is_lasting) return;
  SetTrouble(Troubles::kUnwritten, answer);
  Probe();
}

// What the watch would have told of it was compacted.
void EtcdDatabaseOnLoop::ResolveOrphan() {
  const Commits::InFlight* const sent = commits_.in_flight();
  if (sent == nullptr || !sent->is_orphan || !sent->fate) return;
  switch (sent->fate->kind) {
    case Fate::kMade:
      commits_.EndAsMade();
      break;
    case Fate::kNotMade:
      commits_.TryAgain();
      break;
    default:
      commits_.EndWith(EtcdUnavailable(
          "etcd did not answer in time, and what it has made since was "
          "compacted: it is unknown whether the change was made; look, and "
          "make it again if not"));
      break;
  }
}

void EtcdDatabaseOnLoop::Answer() {
  const std::weak_ptr<bool> alive = alive_;
  commits_.Answer(alive);
  if (!alive.expired()) Send();
}

void EtcdDatabaseOnLoop::SetTrouble(Troubles::Kind kind, absl::Status status) {
  const bool has_begun = troubles_.Set(kind, std::move(status));
  const absl::Status failure = troubles_.failure();
  if (failure.ok()) return;
  commits_.RefuseWaiting(AnswerOf(failure));
  if (has_begun && failed_ != nullptr) failed_();
}

}  // namespace

absl::StatusOr<std::unique_ptr<EtcdDatabase>> OpenEtcd(EtcdOptions options,
                                                       Workplace workplace) {
  if (auto s = CheckOptions(options); !s.ok()) return s;
  auto seal = Seal::Make(options.seal_key);
  Layout layout(options.prefix, *std::move(seal));
  auto contents = LoadOrFound(options, layout);
  if (!contents.ok()) return contents.status();
  return std::make_unique<EtcdDatabaseOnLoop>(
      options, std::move(layout), std::move(workplace), *std::move(contents));
}

}  // namespace interlink::store
