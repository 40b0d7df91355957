#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::testing::UnorderedElementsAre;

// A watch of the rows by one client.
class RowWatch {
 public:
  explicit RowWatch(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::InterlinkService::NewStub(channel)) {
    SetPatience(context_);
    reader_ = stub_->WatchInterlinks(&context_, {});
  }
  ~RowWatch() {
    context_.TryCancel();
    reader_->Finish();
  }

  // The next message in words: a row as "NAME STATE", the mark as "current".
  std::string Next() {
    v1::WatchInterlinksResponse message;
    if (!reader_->Read(&message)) return "the end";
    if (message.current()) return "current";
    std::string state = v1::InterlinkState_Name(message.interlink().state());
    state.erase(0, std::string("INTERLINK_STATE_").size());
    return message.interlink().name() + " " + state;
  }

 private:
  std::unique_ptr<v1::InterlinkService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchInterlinksResponse>> reader_;
};

// A watch of events, by one client.
class EventWatch {
 public:
  EventWatch(v1::DaemonService::Stub& stub, std::optional<int64_t> after) {
    SetPatience(context_);
    v1::WatchEventsRequest request;
    if (after) request.set_after_sequence(*after);
    reader_ = stub.WatchEvents(&context_, request);
  }
  ~EventWatch() {
    context_.TryCancel();
    reader_->Finish();
  }

  // The next message in words: an event as "SEQUENCE KIND NAME", the mark as
  // "current".
  std::string Next() {
    v1::WatchEventsResponse message;
    if (!reader_->Read(&message)) return "the end";
    if (message.current()) return "current";
    const v1::Event& event = message.event();
    return std::to_string(event.sequence()) + " " + event.kind() + " " +
           event.interlink_name();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> reader_;
};

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() { EXPECT_THAT(daemon_.started(), IsOk()); }

  // Numbers from `first` on.
  void Import(int first, int count) {
    grpc::ClientContext context;
    SetPatience(context);
    v1::ImportNumbersResponse summary;
    const auto writer = api_.numbers->ImportNumbers(&context, &summary);
    v1::ImportNumbersRequest chunk;
    for (int i = first; i < first + count; ++i) {
      chunk.add_entries()->mutable_number()->set_number(std::to_string(i));
    }
    writer->Write(chunk);
    writer->WritesDone();
    ASSERT_TRUE(writer->Finish().ok());
    ASSERT_EQ(summary.created_count(), count);
  }
  // A connection over which only a few messages wait for a client that does not
  // read.
  std::shared_ptr<grpc::Channel> Narrow() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1024);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    return grpc::CreateCustomChannel("unix:" + daemon_.config().api_socket,
                                     grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  RunningDaemon daemon_;
  ApiClient api_{daemon_.Admin()};
};

TEST_F(WatchTest, BeginsWithEveryRowAndAMarkAndThenTellsEachChange) {
  const std::string john = api_.GenerateKey("John").interlink().id();
  const std::string tim = api_.GenerateKey("Tim").interlink().id();
  RowWatch watch(daemon_.Admin());
  const std::vector<std::string> snapshot = {watch.Next(), watch.Next()};
  EXPECT_THAT(snapshot, UnorderedElementsAre("John PENDING", "Tim PENDING"));
  EXPECT_EQ(watch.Next(), "current");

  api_.GenerateKey("Mike");
  EXPECT_EQ(watch.Next(), "Mike PENDING");
  EXPECT_TRUE(api_.Rename(tim, "Tim Andrews").ok());
  EXPECT_EQ(watch.Next(), "Tim Andrews PENDING");
  EXPECT_TRUE(api_.Delete(john).ok());
  EXPECT_EQ(watch.Next(), "John REMOVED");
}

TEST_F(WatchTest, WithoutRowsBeginsWithTheMark) {
  RowWatch watch(daemon_.Pbx());
  EXPECT_EQ(watch.Next(), "current");
}

TEST_F(WatchTest, EveryWatcherHearsOfAChange) {
  RowWatch first(daemon_.Admin());
  RowWatch second(daemon_.Pbx());
  EXPECT_EQ(first.Next(), "current");
  EXPECT_EQ(second.Next(), "current");
  api_.GenerateKey("John");
  EXPECT_EQ(first.Next(), "John PENDING");
  EXPECT_EQ(second.Next(), "John PENDING");
}

// Unread changes wait as one row, not as one message each.
TEST_F(WatchTest, ASlowReaderGetsTheNewestStateAndNotEachStep) {
  const std::string id = api_.GenerateKey("step").interlink().id();
  RowWatch watch(Narrow());
  EXPECT_EQ(watch.Next(), "step PENDING");
  EXPECT_EQ(watch.Next(), "current");

  constexpr int kSteps = 400;
  const std::string padding(56, '.');
  for (int i = 1; i <= kSteps; ++i) {
    ASSERT_TRUE(api_.Rename(id, padding + std::to_string(i)).ok());
  }
  const std::string last = padding + std::to_string(kSteps) + " PENDING";
  int messages = 1;
  std::string message;
  while ((message = watch.Next()) != last && message != "the end") ++messages;
  EXPECT_EQ(message, last);
  EXPECT_LT(messages, kSteps / 4);
  // Nor is the newest state sent once for each step.
  ASSERT_TRUE(api_.Rename(id, "end").ok());
  EXPECT_EQ(watch.Next(), "end PENDING");
}

TEST_F(WatchTest, OfNumbersTellsSnapshotMarkChangeAndRemoval) {
  EXPECT_TRUE(api_.CreateNumber("201").ok());
  EXPECT_TRUE(api_.CreateNumber("202").ok());
  grpc::ClientContext context;
  SetPatience(context);
  const auto reader = api_.numbers->WatchNumbers(&context, {});
  std::vector<std::string> told;
  v1::WatchNumbersResponse message;
  const auto next = [&] {
    if (!reader->Read(&message)) return std::string("the end");
    if (message.current()) return std::string("current");
    return message.has_number() ? message.number().name()
                                : "removed " + message.removed_number();
  };
  EXPECT_EQ(next(), "Internal Number 201");
  EXPECT_EQ(next(), "Internal Number 202");
  EXPECT_EQ(next(), "current");
  EXPECT_TRUE(api_.CreateNumber("203").ok());
  EXPECT_EQ(next(), "Internal Number 203");
  {
    grpc::ClientContext call;
    v1::DeleteNumberRequest request;
    request.set_number("201");
    v1::DeleteNumberResponse response;
    EXPECT_TRUE(api_.numbers->DeleteNumber(&call, request, &response).ok());
  }
  EXPECT_EQ(next(), "removed 201");
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(WatchTest, OfEventsBeginsNowAndTellsWhatHappens) {
  api_.GenerateKey("John");
  EventWatch watch(*api_.daemon, std::nullopt);
  EXPECT_EQ(watch.Next(), "current");
  api_.GenerateKey("Tim");
  api_.GenerateKey("Mike");
  EXPECT_EQ(watch.Next(), "2 KEY_GENERATED Tim");
  EXPECT_EQ(watch.Next(), "3 KEY_GENERATED Mike");
}

TEST_F(WatchTest, OfEventsGoesOnWhereAWatcherWasInterrupted) {
  for (const char* name : {"John", "Tim", "Mike"}) api_.GenerateKey(name);
  EventWatch all(*api_.daemon, 0);
  EXPECT_EQ(all.Next(), "1 KEY_GENERATED John");
  EventWatch watch(*api_.daemon, 2);
  EXPECT_EQ(watch.Next(), "3 KEY_GENERATED Mike");
  EXPECT_EQ(watch.Next(), "current");
  // After a restore there are fewer events than the client has seen.
  EventWatch ahead(*api_.daemon, 1000);
  EXPECT_EQ(ahead.Next(), "current");
  api_.GenerateKey("Ann");
  EXPECT_EQ(ahead.Next(), "4 KEY_GENERATED Ann");
}

TEST_F(WatchTest, RowsComeInTheOrderOfTheList) {
  for (const char* name : {"d", "b", "a", "e", "c"}) api_.GenerateKey(name);
  RowWatch watch(daemon_.Admin());
  for (const std::string name : {"d", "b", "a", "e", "c"}) {
    EXPECT_EQ(watch.Next(), name + " PENDING");
  }
  EXPECT_EQ(watch.Next(), "current");
}

// Both sockets' watches of numbers wait unread, and the administrator's still
// have places.
TEST_F(WatchTest, ThePbxCannotTakeTheAdministratorsPlaces) {
  struct Unread {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchNumbersResponse>> reader;
  };
  ApiClient pbx(daemon_.Pbx());
  std::vector<std::unique_ptr<Unread>> unread;
  v1::WatchNumbersResponse message;
  do {
    unread.push_back(std::make_unique<Unread>());
    SetPatience(unread.back()->context);
    unread.back()->reader =
        pbx.numbers->WatchNumbers(&unread.back()->context, {});
  } while (unread.back()->reader->Read(&message) && unread.size() < 1100);
  EXPECT_EQ(ReasonOf(unread.back()->reader->Finish()),
            federation::Reason::kLimitReached);
  unread.pop_back();
  RowWatch watch(daemon_.Admin());
  EXPECT_EQ(watch.Next(), "current");
  EXPECT_TRUE(api_.CreateNumber("201").ok());
  for (const auto& one : unread) {
    one->context.TryCancel();
    one->reader->Finish();
  }
}

// More than a page of the store.
TEST_F(WatchTest, OfNumbersTellsEachNumberOnce) {
  Import(1000, 700);
  grpc::ClientContext context;
  SetPatience(context);
  const auto reader = api_.numbers->WatchNumbers(&context, {});
  v1::WatchNumbersResponse message;
  for (int i = 0; i < 700; ++i) {
    ASSERT_TRUE(reader->Read(&message));
    ASSERT_EQ(message.number().number(), std::to_string(1000 + i));
  }
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_TRUE(message.current());
  context.TryCancel();
  reader->Finish();
}

// Its snapshot comes to them. As changes, which would also have to be kept for
// it, they would be told again after the mark.
TEST_F(WatchTest, OfNumbersTellsOnceWhatIsImportedWhileItsSnapshotIsRead) {
  Import(1000, 300);
  ApiClient slow(Narrow());
  grpc::ClientContext context;
  SetPatience(context);
  const auto reader = slow.numbers->WatchNumbers(&context, {});
  v1::WatchNumbersResponse message;
  int expected = 1000;
  const auto read = [&](int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(reader->Read(&message));
      ASSERT_EQ(message.number().number(), std::to_string(expected++));
    }
  };
  for (int i = 0; i < 5; ++i) {
    read(20);
    Import(1300 + i * 900, 900);
  }
  read(300 + 5 * 900 - 5 * 20);
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_TRUE(message.current());
  ASSERT_TRUE(api_.CreateNumber("9").ok());
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.number().number(), "9");
  context.TryCancel();
  reader->Finish();
}

}  // namespace
}  // namespace interlink::daemon
