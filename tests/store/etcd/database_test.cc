// What is particular to an account in an etcd that is well: other writers,
// what lies there, refusals.
#include "store/etcd/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/store/etcd/etcd_fixture.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class EtcdDatabaseTest : public EtcdTest {
 protected:
  // Another replica of the account.
  std::unique_ptr<EtcdDatabase> OpenAnother() {
    auto opened = OpenEtcd(account_, loop_.Workplace());
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  // What opening the account says.
  absl::Status Opening() {
    return OpenEtcd(account_, loop_.Workplace()).status();
  }
};

TEST_F(EtcdDatabaseTest, WhatAnotherReplicaCommitsIsToldAndRead) {
  Begin();
  const auto other = OpenAnother();
  const auto follows = other->Follow("t/", Tell());
  ASSERT_THAT(Put("t/a", "1"), IsOk());
  ASSERT_THAT(Put("u", "1"), IsOk());
  ASSERT_THAT(Put("t/a", "2"), IsOk());
  ASSERT_TRUE(loop_.RunUntil([&] { return other->revision() == 3; }));
  EXPECT_THAT(told_, ElementsAre("1: t/a=1", "3: t/a=2"));
  EXPECT_EQ(ValueIn(*other, "t/a"), "2");
  EXPECT_EQ((*other->Get("u"))->revision, 2u);
}

TEST_F(EtcdDatabaseTest, CommitsThatWereMadeTogetherAreToldAsOneElsewhere) {
  Begin();
  const auto other = OpenAnother();
  const auto follows = other->Follow("", Tell());
  for (const char* key : {"a", "b", "c", "b"}) EtcdTest::Begin(key, "1");
  ASSERT_TRUE(RunUntilAnswered(4));
  ASSERT_TRUE(loop_.RunUntil([&] { return other->revision() == 4; }));
  // The first had nothing to wait for.
  EXPECT_THAT(told_, ElementsAre("1: a=1", "4: b=1 c=1"));
  EXPECT_EQ((*other->Get("c"))->revision, 3u);
  EXPECT_EQ((*other->Get("b"))->revision, 4u);
}

TEST_F(EtcdDatabaseTest, OfTwoWritersEachSeesWhatTheOtherHasMade) {
  Begin();
  const auto other = OpenAnother();
  int made = 0, refused = 0;
  for (int i = 0; i < 20; ++i) {
    for (EtcdDatabase* const writer : {database_.get(), other.get()}) {
      writer->Commit({{Precondition::Absent("k" + std::to_string(i))},
                      {Op::Put("k" + std::to_string(i), "1")}},
                     [&](auto outcome) {
                       if (outcome.ok()) ++made;
                       if (absl::IsAborted(outcome.status())) ++refused;
                     });
    }
  }
  ASSERT_TRUE(loop_.RunUntil([&] { return made + refused == 40; }));
  EXPECT_EQ(made, 20);
  EXPECT_EQ(database_->revision(), 20u);
}

TEST_F(EtcdDatabaseTest, OnlyTheLeaderCommits) {
  Begin();
  cluster_->Ctl("put " + account_.prefix + "leader me");
  const std::string got =
      cluster_->Ctl("get --write-out=fields " + account_.prefix + "leader");
  const size_t at = got.find("\"CreateRevision\" : ");
  ASSERT_NE(at, got.npos) << got;
  const int64_t term = std::stoll(got.substr(at + 19));
  database_->CommitAs(term);
  EXPECT_THAT(Put("a", "1"), IsOk());
  cluster_->Ctl("del " + account_.prefix + "leader");
  cluster_->Ctl("put " + account_.prefix + "leader another");
  const auto not_leader = StatusIs(absl::StatusCode::kUnavailable,
                                   HasSubstr("another replica leads"));
  EXPECT_THAT(Put("a", "2"), not_leader);
  EXPECT_THAT(database_->failure(), not_leader);
  EXPECT_EQ(failures_, 1);
  EXPECT_THAT(Put("a", "2"), not_leader);
  EXPECT_EQ(Value("a"), "1");
  database_->CommitAs(std::nullopt);
  EXPECT_THAT(Put("a", "3"), IsOk());
}

TEST_F(EtcdDatabaseTest, NothingInEtcdShowsWhatIsStored) {
  Begin();
  ASSERT_THAT(Put("t/a", "a secret value"), IsOk());
  const std::string all = cluster_->Ctl("get --prefix " + account_.prefix);
  EXPECT_THAT(all, AllOf(HasSubstr(Name("t/a")), Not(HasSubstr("secret"))));
}

TEST_F(EtcdDatabaseTest, AnotherSealKeyIsToldFromDamage) {
  Begin();
  ASSERT_THAT(Put("a", "1"), IsOk());
  account_.seal_key = std::string(32, 'x');
  EXPECT_THAT(Opening(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  HasSubstr("the seal key is not the one")));
}

TEST_F(EtcdDatabaseTest, AValueThatWasSwappedByHandIsFound) {
  Begin();
  ASSERT_THAT(Put("a", "1"), IsOk());
  ASSERT_THAT(Put("b", "2"), IsOk());
  PutRaw(Name("b"), Raw(Name("a")));
  const auto swapped = StatusIs(
      absl::StatusCode::kDataLoss,
      AllOf(HasSubstr(Name("b")), HasSubstr("something else than Interlink")));
  ASSERT_TRUE(RunUntilFailure());
  EXPECT_THAT(database_->failure(), swapped);
  EXPECT_THAT(database_->Get("a"), swapped);
  EXPECT_THAT(database_->Scan("a"), swapped);
  EXPECT_THAT(Put("c", "3"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(Name("b"))));
  EXPECT_THAT(Opening(), swapped);
}

TEST_F(EtcdDatabaseTest, AnOldValueThatWasPutBackByHandIsFound) {
  Begin();
  ASSERT_THAT(Put("a", "1"), IsOk());
  const std::string old = Raw(Name("a"));
  ASSERT_THAT(Put("a", "2"), IsOk());
  ASSERT_THAT(Put("b", "1"), IsOk());
  database_.reset();
  PutRaw(Name("a"), old);
  EXPECT_THAT(Opening(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(Name("a"))));
}

TEST_F(EtcdDatabaseTest, AnAccountThatIsDeletedByHandIsFound) {
  Begin();
  ASSERT_THAT(Put("a", "1"), IsOk());
  cluster_->Ctl("del --prefix " + account_.prefix);
  ASSERT_TRUE(RunUntilFailure());
  EXPECT_THAT(database_->failure(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EtcdDatabaseTest, WhatOthersKeepUnderThePrefixIsNotOurs) {
  Begin();
  cluster_->Ctl("put " + account_.prefix + "leader me");
  cluster_->Ctl("put " + account_.prefix + "replica/1 me");
  EXPECT_THAT(Put("a", "1"), IsOk());
  Open();
  EXPECT_EQ(Value("a"), "1");
}

TEST_F(EtcdDatabaseTest, ALargeAccountIsReadInPages) {
  Begin();
  const int keys = 1234;
  for (int i = 0; i < keys; i += 100) {
    std::vector<Op> ops;
    for (int j = i; j < i + 100 && j < keys; ++j) {
      ops.push_back(Op::Put("n/" + std::to_string(j), std::to_string(j)));
    }
    database_->Commit({{}, std::move(ops)},
                      [this](auto outcome) { answers_.push_back(outcome); });
  }
  ASSERT_TRUE(RunUntilAnswered(13));
  Open();
  EXPECT_EQ(database_->Scan("n/")->size(), 1234u);
  EXPECT_EQ(Value("n/1233"), "1233");
  EXPECT_EQ(database_->revision(), 13u);
}

TEST_F(EtcdDatabaseTest, AnEtcdThatTakesLessSaysSo) {
  Begin({.flags = {"--max-request-bytes=10000"}});
  EXPECT_THAT(Put("a", std::string(20'000, 'x')),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("STORE_UNAVAILABLE"),
                             HasSubstr("--max-request-bytes"))));
  EXPECT_THAT(database_->failure(), IsOk());
  EXPECT_THAT(Put("a", "1"), IsOk());
}

TEST_F(EtcdDatabaseTest, AFullEtcdSaysHowToMakeRoomAndGoesOnThen) {
  Begin({.flags = {"--quota-backend-bytes=2000000"}});
  absl::StatusOr<Revision> put = 0;
  for (int i = 0; i < 200 && put.ok(); ++i) {
    put = Put("a", std::string(60'000, 'x'));
  }
  const auto full =
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(HasSubstr("quota"), HasSubstr("alarm disarm")));
  EXPECT_THAT(put, full);
  EXPECT_THAT(database_->failure(), full);
  EXPECT_THAT(database_->Reopen(), full);
  EXPECT_EQ(failures_, 1);
  EXPECT_EQ(Value("a").size(), 60'000u);
  EXPECT_THAT(Put("a", "1"), full);

  const std::string status =
      cluster_->Ctl("endpoint status --write-out=fields");
  const size_t at = status.find("\"Revision\" : ");
  ASSERT_NE(at, status.npos) << status;
  cluster_->Ctl("compact " +
                std::to_string(std::stoll(status.substr(at + 13))));
  cluster_->Ctl("defrag");
  cluster_->Ctl("alarm disarm");
  ASSERT_TRUE(RunUntilMended());
  EXPECT_THAT(database_->Reopen(), IsOk());
  EXPECT_THAT(Put("a", "2"), IsOk());
  EXPECT_EQ(Value("a"), "2");
}

TEST_F(EtcdDatabaseTest, NobodyThereIsToldAfterAWhile) {
  account_.endpoints = {"127.0.0.1:1"};
  account_.prefix = "/a/";
  account_.seal_key = std::string(32, 'k');
  account_.patience = std::chrono::milliseconds(300);
  EXPECT_THAT(Opening(), StatusIs(absl::StatusCode::kUnavailable,
                                  AllOf(HasSubstr("STORE_UNAVAILABLE: "),
                                        HasSubstr("127.0.0.1:1"))));
}

TEST(EtcdOptionsTest, WhatCannotBeUsedIsSaid) {
  EtcdOptions options;
  options.prefix = "/a/";
  options.seal_key = std::string(32, 'k');
  const auto refused = [&options](const std::string& word) {
    EXPECT_THAT(CheckOptions(options),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(word)));
  };
  refused("no endpoint");
  for (const char* endpoint : {"localhost", "localhost:", ":1", "::1:1", ""}) {
    options.endpoints = {endpoint};
    refused("HOST:PORT");
  }
  for (const char* endpoint :
       {"etcd:2379", "10.0.0.1:2379", "127.evil.example:2379", "[::2]:1"}) {
    options.endpoints = {"127.0.0.1:1", endpoint};
    refused(std::string(endpoint) + " is on another machine");
  }
  options.endpoints = {"127.0.0.1:1", "localhost:1", "[::1]:1"};
  EXPECT_THAT(CheckOptions(options), IsOk());
  for (const std::string& prefix :
       {std::string(), std::string("/"), std::string("/a"),
        std::string(256, 'a') + "/"}) {
    options.prefix = prefix;
    refused("ends with a slash");
  }
  options.prefix = "/a/";
  options.seal_key = "short";
  refused("32 bytes");
  options.seal_key = std::string(32, 'k');
  options.tls.emplace();
  options.endpoints = {"etcd:2379"};
  EXPECT_THAT(CheckOptions(options), IsOk());
}

}  // namespace
}  // namespace interlink::store
