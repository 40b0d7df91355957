#include "store/etcd/attempt.h"

#include <utility>

#include "etcd/rpc.pb.h"
#include "store/etcd/backoff.h"
#include "store/etcd/client.h"
#include "store/etcd/errors.h"
#include "store/etcd/layout.h"
#include "store/etcd/options.h"
#include "store/failpoint.h"

namespace interlink::store {
namespace {

namespace pb = etcdserverpb;

void Put(pb::TxnRequest& request, std::string name, std::string value) {
  auto* const put = request.add_success()->mutable_request_put();
  put->set_key(std::move(name));
  put->set_value(std::move(value));
}

pb::TxnRequest RequestOf(const Attempt& attempt, const Layout& layout) {
  pb::TxnRequest request;
  // No other value is the same: a count could come again in an etcd that was
  // put back.
  auto* const base = request.add_compare();
  base->set_target(pb::Compare::VALUE);
  base->set_key(layout.commit());
  base->set_value(attempt.base);
  if (attempt.leadership != 0) {
    auto* const leader = request.add_compare();
    leader->set_target(pb::Compare::CREATE);
    leader->set_key(layout.leader());
    leader->set_create_revision(attempt.leadership);
  }
  for (const Change& change : attempt.changes) {
    if (change.value) {
      Put(request, layout.Data(change.key),
          layout.SealValue(change.key, change.revision, *change.value));
    } else {
      request.add_success()->mutable_request_delete_range()->set_key(
          layout.Data(change.key));
    }
  }
  if (!attempt.commit.empty()) Put(request, layout.commit(), attempt.commit);
  request.add_failure()->mutable_request_range()->set_key(layout.commit());
  return request;
}

// Which of the comparisons did not hold.
Fate::Kind WhyNot(const pb::TxnResponse& response, const Attempt& attempt) {
  if (response.responses_size() == 1) {
    const pb::RangeResponse& commit = response.responses(0).response_range();
    if (commit.kvs_size() == 1 && commit.kvs(0).value() == attempt.base) {
      return Fate::kNotLeader;
    }
  }
  return Fate::kNotMade;
}

}  // namespace

Attempts::Attempts(const EtcdOptions& options, const Layout& layout,
                   Events events)
    : layout_(layout),
      patience_(options.patience),
      events_(std::move(events)),
      client_(std::make_unique<EtcdClient>(options)) {}

Attempts::~Attempts() = default;

void Attempts::Cancel() { client_->Cancel(); }

// Sends it once. OK if it is known what became of it.
absl::Status Attempts::Send(const Attempt& attempt, Fate* fate) {
  pb::TxnResponse response;
  absl::Status status = client_->Txn(RequestOf(attempt, layout_), &response);
  if (status.ok()) {
    *fate = {response.succeeded() ? Fate::kMade : WhyNot(response, attempt),
             absl::OkStatus()};
  } else if (absl::IsDeadlineExceeded(status)) {
    events_.on_silence(client_->endpoint());
  }
  return status;
}

Fate Attempts::Make(const Attempt& attempt) {
  PassFailpoint("commit/unwritten");
  Fate fate;
  absl::Status status = Send(attempt, &fate);
  if (status.ok()) {
    if (fate.kind == Fate::kMade) PassFailpoint("commit/synced");
    return fate;
  }
  if (IsRefusal(status)) {
    // Keeps the code, which says whether other commits are refused, too.
    return {Fate::kRefused,
            {status.code(), InWords(client_->endpoint(), status)}};
  }
  client_->Move();
  return Settle(attempt);
}

Fate Attempts::Settle(const Attempt& attempt) {
  Attempt empty = {.base = attempt.base,
                   .revision = attempt.revision,
                   .commit = layout_.SealCommit(attempt.revision),
                   .changes = {},
                   .leadership = attempt.leadership};
  Patience patience(patience_);
  Backoff backoff;
  for (size_t tried = 1;; ++tried) {
    Fate fate;
    const absl::Status status = Send(empty, &fate);
    if (client_->is_cancelled()) return {Fate::kCancelled, status};
    if (status.ok()) {
      // An earlier try of the empty commit, whose answer was lost, is another
      // commit, too.
      if (fate.kind == Fate::kMade) return {Fate::kNotMade, status};
      if (fate.kind == Fate::kNotMade) return {Fate::kMoved, status};
      return fate;
    }
    if (const auto news = patience.Take(
            EtcdUnavailable(InWords(client_->endpoint(), status)))) {
      events_.on_trouble(*news);
    }
    client_->Move();
    if (tried % client_->endpoints() != 0) continue;
    if (!client_->Pause(backoff.Next())) return {Fate::kCancelled, status};
  }
}

}  // namespace interlink::store
