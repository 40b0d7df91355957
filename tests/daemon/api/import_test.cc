#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::testing::HasSubstr;

class ImportTest : public ::testing::Test {
 protected:
  ImportTest() {
    EXPECT_THAT(daemon_.started(), IsOk());
    SetPatience(context_);
    writer_ = api_.numbers->ImportNumbers(&context_, &summary_);
  }

  void Add(const std::string& number) {
    auto& entry = *chunk_.add_entries();
    entry.set_line(++line_);
    entry.mutable_number()->set_number(number);
  }
  bool SendChunk() {
    const bool is_sent = writer_->Write(chunk_);
    chunk_.Clear();
    return is_sent;
  }
  grpc::Status Finish() {
    writer_->WritesDone();
    return writer_->Finish();
  }
  int64_t Count() {
    v1::GetAccountResponse account;
    EXPECT_TRUE(api_.GetAccount(&account).ok());
    return account.number_count();
  }

  RunningDaemon daemon_;
  ApiClient api_{daemon_.Admin()};
  grpc::ClientContext context_;
  v1::ImportNumbersResponse summary_;

 private:
  std::unique_ptr<grpc::ClientWriter<v1::ImportNumbersRequest>> writer_;
  v1::ImportNumbersRequest chunk_;
  int64_t line_ = 0;
};

TEST_F(ImportTest, ABadLineCostsItsChunkAndNoOther) {
  Add("201");
  Add("202");
  SendChunk();
  Add("203");
  Add("20x");
  SendChunk();
  Add("205");
  SendChunk();
  const auto status = Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(summary_.created_count(), 3);
  EXPECT_EQ(summary_.skipped_count(), 2);
  EXPECT_EQ(summary_.refused_count(), 1);
  ASSERT_EQ(summary_.refusals_size(), 1);
  EXPECT_EQ(summary_.refusals(0).line(), 4);
  EXPECT_EQ(summary_.refusals(0).reason(), "NUMBER_INVALID");
  EXPECT_EQ(Count(), 3);
}

TEST_F(ImportTest, AChunkHasAtMostAThousandEntries) {
  for (int i = 0; i < 1000; ++i) Add(std::to_string(1000 + i));
  SendChunk();
  for (int i = 0; i < 1001; ++i) Add(std::to_string(5000 + i));
  SendChunk();
  const auto status = Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("at most 1000 entries"));
  EXPECT_EQ(Count(), 1000);
}

TEST_F(ImportTest, AChunkBeyondTheSizeOfARequestIsRefused) {
  for (int i = 0; i < 3; ++i) Add(std::string(1'000'000, '1'));
  SendChunk();
  EXPECT_EQ(Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Count(), 0);
}

TEST_F(ImportTest, AnEmptyImportDoesNothing) {
  const auto status = Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(summary_.created_count(), 0);
}

TEST_F(ImportTest, ChunksStoredBeforeTheClientLeftStay) {
  Add("201");
  SendChunk();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (Count() == 0 && std::chrono::steady_clock::now() < end) continue;
  context_.TryCancel();
  EXPECT_EQ(Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(Count(), 1);
}

}  // namespace
}  // namespace interlink::daemon
