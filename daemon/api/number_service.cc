#include "daemon/api/number_service.h"

#include <deque>
#include <memory>
#include <string>

#include "daemon/api/watch_stream.h"
#include "daemon/rpc/parse.h"
#include "federation/base/reason.h"
#include "federation/directory/number_import.h"

namespace interlink::daemon {
namespace {

using federation::Numbers;
using NumberJournal = ChangeJournal<store::InternalNumber>;

class NumbersWatch final : public WatchStream<v1::WatchNumbersResponse> {
 public:
  NumbersWatch(federation::EventLoop& loop, ApiStreams& streams,
               const Numbers& numbers, NumberJournal& journal)
      : WatchStream(loop, streams), numbers_(numbers), journal_(journal) {}

 private:
  // Each waits in memory for its client, with at most 20 KB.
  static constexpr size_t kPage = 64;
  static constexpr size_t kSkippedAtOnce =
      4096;  // A task of the loop is short.

  void Begin() override {
    changes_ = journal_.Open([this] { Advance(); });
  }

  absl::StatusOr<bool> NextOfSnapshot(
      v1::WatchNumbersResponse& response) override {
    if (page_.empty() && !is_last_page_) {
      if (auto status = SkipWhatComes(); !status.ok()) return status;
      auto page = numbers_.Page(read_until_, kPage);
      if (!page.ok()) return page.status();
      is_last_page_ = page->size() < kPage;
      if (!page->empty()) read_until_ = page->back().number();
      page_.assign(page->begin(), page->end());
    }
    if (page_.empty()) return false;
    *response.mutable_number() = std::move(page_.front());
    page_.pop_front();
    return true;
  }

  // Changes that the snapshot has yet to come to, and will show.
  absl::Status SkipWhatComes() {
    auto next = changes_->Peek();
    for (size_t i = 0; i < kSkippedAtOnce && next.ok() && *next &&
                       (*next)->ToString() > read_until_;
         ++i) {
      changes_->Next().IgnoreError();
      next = changes_->Peek();
    }
    return next.status();
  }

  absl::StatusOr<bool> NextChange(v1::WatchNumbersResponse& response) override {
    const auto changed = changes_->Next();
    if (!changed.ok()) return changed.status();
    if (!*changed) return false;
    const std::string number = (*changed)->ToString();
    auto shown = numbers_.Get(number);
    if (shown.ok()) {
      *response.mutable_number() = *std::move(shown);
    } else if (federation::ReasonOf(shown.status()) ==
               federation::Reason::kNumberNotFound) {
      response.set_removed_number(number);
    } else {
      return shown.status();
    }
    return true;
  }

  const Numbers& numbers_;
  NumberJournal& journal_;
  std::deque<v1::Number> page_;
  std::string read_until_;  // The last number of the pages read so far.
  bool is_last_page_ = false;
  std::unique_ptr<NumberJournal::Reader> changes_;
};

// Whether the client still waits.
federation::Decisions::Wanted IsThere(const CallContext& context) {
  return [&context] { return !context.IsCancelled(); };
}

// One import. Reads a chunk only when the one before is stored; deletes itself.
class ImportStream final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  ImportStream(federation::EventLoop& loop, CallContext& context,
               CountedCall counted, Numbers& numbers,
               v1::ImportNumbersResponse& summary)
      : loop_(loop),
        context_(context),
        counted_(counted),
        numbers_(numbers),
        summary_(summary) {
    StartRead(&bytes_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      End(absl::OkStatus());
      return;
    }
    counted_.Received();
    if (Parse(bytes_, chunk_)) {
      loop_.Post([this] { Store(); });
    } else {
      End(Unparsable<v1::ImportNumbersRequest>());
    }
  }
  void OnDone() override {
    if (status_.ok() && !context_.IsCancelled()) counted_.Sent();
    counted_.Done(context_, status_);
    delete this;
  }

 private:
  static constexpr int kMostChunks = 16;  // Of all imports at a time.

  void Store() {
    if (chunk_.entries_size() > NumberService::kMaxEntriesInChunk) {
      End(federation::Refusal(federation::Reason::kRequestInvalid,
                              "a chunk has at most 1000 entries"));
      return;
    }
    if (numbers_.chunks_under_way() >= kMostChunks) {
      End(federation::Refusal(
          federation::Reason::kRateLimited,
          "16 imports wait for the disk already; go on once they are done"));
      return;
    }
    numbers_.Import(
        std::move(chunk_),
        [this](absl::StatusOr<v1::ImportNumbersResponse> stored) {
          if (!stored.ok()) {
            End(stored.status());
            return;
          }
          federation::AddChunk(*std::move(stored), summary_);
          StartRead(&bytes_);
        },
        IsThere(context_));
  }
  void End(const absl::Status& status) {
    status_ = ToGrpc(status);
    Finish(status_);
  }

  federation::EventLoop& loop_;
  const CallContext& context_;
  const CountedCall counted_;
  Numbers& numbers_;
  v1::ImportNumbersResponse& summary_;
  grpc::ByteBuffer bytes_;
  v1::ImportNumbersRequest chunk_;
  grpc::Status status_;  // Once it has ended.
};

}  // namespace

UnaryReactor* NumberService::CreateNumber(
    CallContext* context, const v1::CreateNumberRequest* request,
    v1::CreateNumberResponse* response) {
  return BeginOnLoop(context, "CreateNumber", [=, this](const UnaryCall& call) {
    account().numbers().Create(
        *request,
        [call, response](absl::StatusOr<v1::Number> number) {
          call.Finish(
              ToGrpc(Fill(std::move(number), response->mutable_number())));
        },
        IsThere(*context));
  });
}

UnaryReactor* NumberService::GetNumber(CallContext* context,
                                       const v1::GetNumberRequest* request,
                                       v1::GetNumberResponse* response) {
  return AnswerOnLoop(context, "GetNumber", [=, this] {
    return Fill(account().numbers().Get(request->number()),
                response->mutable_number());
  });
}

UnaryReactor* NumberService::ListNumbers(CallContext* context,
                                         const v1::ListNumbersRequest* request,
                                         v1::ListNumbersResponse* response) {
  return AnswerOnLoop(context, "ListNumbers", [=, this] {
    return Fill(account().numbers().List(*request), response);
  });
}

UnaryReactor* NumberService::UpdateNumber(
    CallContext* context, const v1::UpdateNumberRequest* request,
    v1::UpdateNumberResponse* response) {
  return BeginOnLoop(context, "UpdateNumber", [=, this](const UnaryCall& call) {
    account().numbers().Update(
        *request,
        [call, response](absl::StatusOr<v1::Number> number) {
          call.Finish(
              ToGrpc(Fill(std::move(number), response->mutable_number())));
        },
        IsThere(*context));
  });
}

UnaryReactor* NumberService::DeleteNumber(
    CallContext* context, const v1::DeleteNumberRequest* request,
    v1::DeleteNumberResponse*) {
  return BeginOnLoop(context, "DeleteNumber", [=, this](const UnaryCall& call) {
    account().numbers().Delete(
        request->number(),
        [call](const absl::Status& status) { call.Finish(ToGrpc(status)); },
        IsThere(*context));
  });
}

grpc::ServerReadReactor<grpc::ByteBuffer>* NumberService::Import(
    CallContext* context, v1::ImportNumbersResponse* response) {
  const CountedCall counted = Count("ImportNumbers");
  auto status = Check(*context, "ImportNumbers");
  if (!status.ok()) {
    counted.Ended(ToGrpc(status));
    return new RefusedStream<grpc::ServerReadReactor<grpc::ByteBuffer>>(status);
  }
  return new ImportStream(backend().loop, *context, counted,
                          account().numbers(), *response);
}

grpc::ServerWriteReactor<v1::WatchNumbersResponse>* NumberService::WatchNumbers(
    CallContext* context, const v1::WatchNumbersRequest*) {
  return OpenWatch<NumbersWatch, v1::WatchNumbersResponse>(
      context, "WatchNumbers", account().numbers(), backend().journals.numbers);
}

// On the RPC thread, from indexes that any thread may read.
UnaryReactor* NumberService::ListReachableNumbers(
    CallContext* context, const v1::ListReachableNumbersRequest* request,
    v1::ListReachableNumbersResponse* response) {
  const UnaryCall call(*context, Count("ListReachableNumbers"));
  auto status = Check(*context, "ListReachableNumbers");
  if (status.ok()) {
    status = Fill(account().reachable().List(*request), response);
  }
  return call.Finish(ToGrpc(status));
}

}  // namespace interlink::daemon
