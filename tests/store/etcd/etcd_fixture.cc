#include "tests/store/etcd/etcd_fixture.h"

#include <optional>
#include <utility>

#include "etcd/rpc.pb.h"
#include "store/etcd/client.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {

using interlink::testing::IsOk;

absl::StatusOr<Revision> EtcdTest::Commit(EtcdDatabase& database,
                                          const std::string& key,
                                          const std::string& value) {
  const auto answer =
      std::make_shared<std::optional<absl::StatusOr<Revision>>>();
  database.Commit({{}, {Op::Put(key, value)}},
                  [answer](auto outcome) { *answer = std::move(outcome); });
  if (loop_.RunUntil([&] { return answer->has_value(); })) return **answer;
  return absl::DeadlineExceededError("the commit was not answered");
}

Follower EtcdTest::Tell() {
  return {.on_commit =
              [this](Revision revision, const auto& changes) {
                std::string told = std::to_string(revision) + ":";
                for (const Change& change : changes) {
                  told +=
                      " " + change.key + "=" + change.value.value_or("gone");
                }
                told_.push_back(std::move(told));
              },
          .on_reset = [this] { told_.push_back("all anew"); }};
}

std::string EtcdTest::Raw(const std::string& name,
                          const std::string& endpoint) {
  EtcdOptions options = account_;
  if (!endpoint.empty()) options.endpoints = {endpoint};
  EtcdClient client(options);
  etcdserverpb::RangeRequest request;
  request.set_key(name);
  etcdserverpb::RangeResponse response;
  EXPECT_THAT(client.Range(request, &response), IsOk());
  return response.kvs_size() == 1 ? response.kvs(0).value() : "(none)";
}

void EtcdTest::PutRaw(const std::string& name, const std::string& value) {
  EtcdClient client(account_);
  etcdserverpb::TxnRequest request;
  auto* const put = request.add_success()->mutable_request_put();
  put->set_key(name);
  put->set_value(value);
  etcdserverpb::TxnResponse response;
  EXPECT_THAT(client.Txn(request, &response), IsOk());
}

}  // namespace interlink::store
