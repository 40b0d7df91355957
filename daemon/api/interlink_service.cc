#include "daemon/api/interlink_service.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/api/watch_stream.h"
#include "federation/base/reach.h"
#include "federation/base/settings.h"
#include "federation/ledger/interlink_update.h"
#include "federation/ledger/interlink_view.h"

namespace interlink::daemon {
namespace {

using federation::Duration;
using federation::Interlinks;
using RowJournal = ChangeJournal<store::InterlinkId>;

// How long LinkAccount may wait, so that its answer arrives in time.
Duration WaitFor(const CallContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return federation::kDefaultLinkWait;
  }
  return federation::LinkWait(deadline - std::chrono::system_clock::now());
}

class InterlinksWatch final : public WatchStream<v1::WatchInterlinksResponse> {
 public:
  InterlinksWatch(federation::EventLoop& loop, ApiStreams& streams,
                  const Interlinks& interlinks, RowJournal& journal)
      : WatchStream(loop, streams),
        interlinks_(interlinks),
        journal_(journal) {}

 private:
  void Begin() override {
    const auto& rows = interlinks_.by_age();
    if (!rows.empty()) snapshot_end_ = *rows.rbegin();
    changes_ = journal_.Open([this] { Advance(); });
  }

  absl::StatusOr<bool> NextOfSnapshot(
      v1::WatchInterlinksResponse& response) override {
    const auto& rows = interlinks_.by_age();
    const auto next =
        read_until_ ? rows.upper_bound(*read_until_) : rows.begin();
    if (next == rows.end() || !(*next <= snapshot_end_)) return false;
    read_until_ = *next;
    *response.mutable_interlink() = ShowInterlink(*interlinks_.Find(next->id));
    return true;
  }

  absl::StatusOr<bool> NextChange(
      v1::WatchInterlinksResponse& response) override {
    const auto changed = changes_->Next();
    if (!changed.ok()) return changed.status();
    if (!*changed) return false;
    return Show(**changed, *response.mutable_interlink());
  }

  absl::StatusOr<bool> Show(store::InterlinkId id, v1::Interlink& shown) const {
    if (const federation::Row* row = interlinks_.Find(id)) {
      shown = ShowInterlink(*row);
      return true;
    }
    auto tombstone = interlinks_.FindTombstone(id);
    if (!tombstone.ok()) return tombstone.status();
    if (*tombstone) {
      shown = federation::ShowTombstone(**tombstone);
    } else {  // A refused attempt leaves no trace.
      shown.set_id(id.ToHex());
      shown.set_state(v1::INTERLINK_STATE_REMOVED);
    }
    return true;
  }

  const Interlinks& interlinks_;
  RowJournal& journal_;
  // The last row that the snapshot has shown, and the last one of all.
  std::optional<federation::RowAge> read_until_;
  std::optional<federation::RowAge> snapshot_end_;
  std::unique_ptr<RowJournal::Reader> changes_;
};

}  // namespace

UnaryReactor* InterlinkService::GenerateKey(
    CallContext* context, const v1::GenerateKeyRequest* request,
    v1::GenerateKeyResponse* response) {
  return BeginOnLoop(context, "GenerateKey", [=, this](const UnaryCall& call) {
    account().issuer().GenerateKey(
        *request, [=](absl::StatusOr<v1::GenerateKeyResponse> generated) {
          call.Finish(ToGrpc(Fill(std::move(generated), response)));
        });
  });
}

UnaryReactor* InterlinkService::ShowKey(CallContext* context,
                                        const v1::ShowKeyRequest* request,
                                        v1::ShowKeyResponse* response) {
  return AnswerOnLoop(context, "ShowKey", [=, this] {
    return Fill(account().issuer().ShowKey(*request), response);
  });
}

UnaryReactor* InterlinkService::LinkAccount(
    CallContext* context, const v1::LinkAccountRequest* request,
    v1::LinkAccountResponse* response) {
  return BeginOnLoop(
      context, "LinkAccount",
      [=, this, wait = WaitFor(*context)](const UnaryCall& call) {
        account().redeemer().LinkAccount(
            *request, wait, [=, this](absl::StatusOr<v1::Interlink> row) {
              for (std::string& warning :
                   federation::ContactWarnings(account().settings())) {
                response->add_warnings(std::move(warning));
              }
              call.Finish(
                  ToGrpc(Fill(std::move(row), response->mutable_interlink())));
            });
      });
}

UnaryReactor* InterlinkService::GetInterlink(
    CallContext* context, const v1::GetInterlinkRequest* request,
    v1::GetInterlinkResponse* response) {
  return AnswerOnLoop(context, "GetInterlink", [=, this] {
    return Fill(federation::GetInterlink(account().interlinks(), request->id()),
                response->mutable_interlink());
  });
}

UnaryReactor* InterlinkService::ListInterlinks(
    CallContext* context, const v1::ListInterlinksRequest* request,
    v1::ListInterlinksResponse* response) {
  return AnswerOnLoop(context, "ListInterlinks", [=, this] {
    return Fill(federation::ListInterlinks(account().interlinks(), *request),
                response);
  });
}

UnaryReactor* InterlinkService::UpdateInterlink(
    CallContext* context, const v1::UpdateInterlinkRequest* request,
    v1::UpdateInterlinkResponse* response) {
  return BeginOnLoop(
      context, "UpdateInterlink", [=, this](const UnaryCall& call) {
        federation::UpdateInterlink(
            account().ledger(), *request,
            [=](absl::StatusOr<v1::Interlink> row) {
              call.Finish(
                  ToGrpc(Fill(std::move(row), response->mutable_interlink())));
            });
      });
}

UnaryReactor* InterlinkService::DeleteInterlink(
    CallContext* context, const v1::DeleteInterlinkRequest* request,
    v1::DeleteInterlinkResponse*) {
  return BeginOnLoop(context, "DeleteInterlink",
                     [=, this](const UnaryCall& call) {
                       account().removals().DeleteInterlink(
                           request->id(), [call](const absl::Status& status) {
                             call.Finish(ToGrpc(status));
                           });
                     });
}

grpc::ServerWriteReactor<v1::WatchInterlinksResponse>*
InterlinkService::WatchInterlinks(CallContext* context,
                                  const v1::WatchInterlinksRequest*) {
  return OpenWatch<InterlinksWatch, v1::WatchInterlinksResponse>(
      context, "WatchInterlinks", account().interlinks(),
      backend().journals.interlinks);
}

}  // namespace interlink::daemon
