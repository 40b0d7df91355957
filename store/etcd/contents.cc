#include "store/etcd/contents.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "etcd/rpc.pb.h"
#include "store/etcd/backoff.h"
#include "store/etcd/client.h"
#include "store/etcd/errors.h"
#include "store/etcd/layout.h"
#include "store/etcd/options.h"
#include "store/records.h"

namespace interlink::store {
namespace {

namespace pb = etcdserverpb;

// Of the largest values: half of what a client takes at once.
constexpr int64_t kPage = 250;

struct Written {
  int64_t at;  // One of etcd's revisions.
  Revision revision;
  const std::string* key;
};

// Every transaction has written entries of later commits than the ones before
// it. Whoever puts an old value back by hand cannot give it its old place.
absl::Status CheckOrder(std::vector<Written> written, const Layout& layout) {
  std::sort(written.begin(), written.end(),
            [](const Written& a, const Written& b) {
              return std::pair(a.at, a.revision) < std::pair(b.at, b.revision);
            });
  for (size_t i = 1; i < written.size(); ++i) {
    const Written& former = written[i - 1];
    if (written[i].at == former.at || written[i].revision > former.revision) {
      continue;
    }
    return NotOurs(layout.Data(*written[i].key),
                   "its value is of revision " +
                       std::to_string(written[i].revision) +
                       " and was put after one of revision " +
                       std::to_string(former.revision));
  }
  return absl::OkStatus();
}

absl::Status CheckFormat(const Layout& layout, const Contents& contents) {
  const std::string name = layout.Data(kFormatKey);
  const auto found =
      std::find_if(contents.entries.begin(), contents.entries.end(),
                   [](const Entry& entry) { return entry.key == kFormatKey; });
  if (found == contents.entries.end()) return NotOurs(name, "it is missing");
  const auto format = Decode<v1::FormatRecord>(found->value);
  if (!format.ok() || format->version() == 0) {
    return NotOurs(name, "it does not read back");
  }
  if (format->version() <= kFormatVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the account under " + layout.prefix() + " in etcd has format " +
      std::to_string(format->version()) +
      ", and this program reads formats up to " +
      std::to_string(kFormatVersion) +
      ": install the version that wrote it, or restore a backup made before "
      "the upgrade");
}

// Takes over one key of a page.
absl::Status Add(const Layout& layout, pb::KeyValue& kv, Contents& contents) {
  if (kv.key() == layout.commit()) {
    const auto count = layout.OpenCommit(kv.value());
    if (!count.ok()) return count.status();
    contents.commit = std::move(*kv.mutable_value());
    contents.commit_revision = kv.mod_revision();
    contents.revision = *count;
    return absl::OkStatus();
  }
  const auto key = layout.KeyOf(kv.key());
  if (!key) return absl::OkStatus();
  auto entry = layout.OpenValue(*key, kv.value());
  if (!entry.ok()) return entry.status();
  contents.entries.push_back(*std::move(entry));
  return absl::OkStatus();
}

absl::Status Check(const Layout& layout, const Contents& contents,
                   const std::vector<int64_t>& put_at) {
  if (contents.commit.empty()) {
    if (contents.entries.empty()) return absl::OkStatus();
    return NotOurs(layout.commit(), "it is missing");
  }
  std::vector<Written> written;
  written.reserve(put_at.size());
  for (size_t i = 0; i < put_at.size(); ++i) {
    const Entry& entry = contents.entries[i];
    written.push_back({put_at[i], entry.revision, &entry.key});
    if (entry.revision <= contents.revision) continue;
    return NotOurs(layout.commit(), "it is older than " + entry.key);
  }
  if (auto s = CheckOrder(std::move(written), layout); !s.ok()) return s;
  return CheckFormat(layout, contents);
}

// Gives a new account its first commit, of no revision, and its format, if
// nobody else has meanwhile.
absl::Status Found(EtcdClient& client, const Layout& layout) {
  v1::FormatRecord format;
  format.set_version(kFormatVersion);
  pb::TxnRequest request;
  auto* const absent = request.add_compare();
  absent->set_key(layout.commit());
  absent->set_target(pb::Compare::CREATE);
  absent->set_create_revision(0);
  const auto put = [&request](std::string key, std::string value) {
    auto* const written = request.add_success()->mutable_request_put();
    written->set_key(std::move(key));
    written->set_value(std::move(value));
  };
  put(layout.commit(), layout.SealCommit(0));
  put(layout.Data(kFormatKey), layout.SealValue(kFormatKey, 0, Encode(format)));
  pb::TxnResponse response;
  return client.Txn(request, &response);
}

}  // namespace

absl::StatusOr<Contents> Load(EtcdClient& client, const Layout& layout) {
  Contents contents;
  std::vector<int64_t> put_at;  // Of each entry.
  pb::RangeRequest request;
  request.set_key(layout.prefix());
  request.set_range_end(layout.end());
  request.set_limit(kPage);
  pb::RangeResponse page;
  do {
    page.Clear();
    if (auto s = client.Range(request, &page); !s.ok()) return s;
    if (request.revision() == 0) {
      contents.cluster = page.header().cluster_id();
      contents.etcd_revision = page.header().revision();
      request.set_revision(contents.etcd_revision);
    }
    if (page.kvs().empty()) break;
    // The next name in order after the last.
    request.set_key(page.kvs().rbegin()->key() + '\0');
    for (pb::KeyValue& kv : *page.mutable_kvs()) {
      if (auto s = Add(layout, kv, contents); !s.ok()) return s;
      if (put_at.size() < contents.entries.size()) {
        put_at.push_back(kv.mod_revision());
      }
    }
  } while (page.more());
  if (auto s = Check(layout, contents, put_at); !s.ok()) return s;
  return contents;
}

absl::StatusOr<Contents> LoadOrFound(const EtcdOptions& options,
                                     const Layout& layout) {
  EtcdClient client(options);
  Backoff backoff;
  Patience patience(options.patience);
  for (size_t tried = 1;; ++tried) {
    auto contents = Load(client, layout);
    absl::Status status = contents.status();
    if (status.ok()) {
      if (!contents->commit.empty()) return contents;
      status = Found(client, layout);
      if (status.ok()) continue;  // It is there now, whoever has founded it.
    }
    if (IsFinal(status)) return status;
    absl::Status told = EtcdUnavailable(InWords(client.endpoint(), status));
    if (IsRefusal(status) || patience.Take(told)) return told;
    client.Move();
    if (tried % client.endpoints() == 0) client.Pause(backoff.Next());
  }
}

absl::StatusOr<std::optional<Transaction>> ReadTransaction(
    const Layout& layout, Revision before,
    const std::vector<const pb::Event*>& events) {
  Transaction transaction;
  for (const pb::Event* event : events) {
    const pb::KeyValue& kv = event->kv();
    if (kv.key() != layout.commit()) continue;
    if (event->type() == pb::Event::DELETE) {
      return NotOurs(layout.commit(), "it was deleted");
    }
    const auto count = layout.OpenCommit(kv.value());
    if (!count.ok()) return count.status();
    transaction.commit = kv.value();
    transaction.revision = *count;
  }
  for (const pb::Event* event : events) {
    const pb::KeyValue& kv = event->kv();
    transaction.etcd_revision = kv.mod_revision();
    const auto key = layout.KeyOf(kv.key());
    if (!key) continue;
    if (transaction.commit.empty()) {
      return NotOurs(kv.key(), "without a commit");
    }
    if (event->type() == pb::Event::DELETE) {
      transaction.changes.push_back({*key, std::nullopt, transaction.revision});
      continue;
    }
    auto entry = layout.OpenValue(*key, kv.value());
    if (!entry.ok()) return entry.status();
    if (entry->revision <= before || entry->revision > transaction.revision) {
      return NotOurs(kv.key(), "its value is of revision " +
                                   std::to_string(entry->revision));
    }
    transaction.changes.push_back(
        {*key, std::move(entry->value), entry->revision});
  }
  if (transaction.commit.empty()) return std::nullopt;
  if (transaction.revision < before ||
      (transaction.revision == before && !transaction.changes.empty())) {
    return NotOurs(layout.commit(),
                   "it went back to " + std::to_string(transaction.revision));
  }
  return transaction;
}

}  // namespace interlink::store
