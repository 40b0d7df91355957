#include "daemon/api/daemon_service.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "daemon/api/watch_stream.h"
#include "daemon/rpc/refused_stream.h"

namespace interlink::daemon {
namespace {

// Reads the log itself, one event at a time, so that a slow reader costs no
// memory.
class EventsWatch final : public WatchStream<v1::WatchEventsResponse> {
 public:
  EventsWatch(federation::EventLoop& loop, ApiStreams& streams,
              federation::EventLog& events, std::optional<int64_t> after)
      : WatchStream(loop, streams), events_(events), after_(after) {}

 private:
  void Begin() override {
    snapshot_end_ = events_.last();
    // A client may come from a store with more events than this one has.
    sent_ = after_
                ? std::min(static_cast<uint64_t>(std::max<int64_t>(*after_, 0)),
                           snapshot_end_)
                : snapshot_end_;
    subscription_ = events_.observers().Add([this](uint64_t) { Advance(); });
  }

  absl::StatusOr<bool> Produce(v1::WatchEventsResponse& response) override {
    auto event = events_.Next(sent_);
    if (!event.ok()) return event.status();
    const bool is_of_snapshot =
        *event && static_cast<uint64_t>((*event)->sequence()) <= snapshot_end_;
    if (!is_current_ && !is_of_snapshot) {
      is_current_ = true;
      response.set_current(true);
      return true;
    }
    if (!*event) return false;
    sent_ = static_cast<uint64_t>((*event)->sequence());
    *response.mutable_event() = **std::move(event);
    return true;
  }

  federation::EventLog& events_;
  const std::optional<int64_t> after_;
  uint64_t snapshot_end_ = 0;
  uint64_t sent_ = 0;
  bool is_current_ = false;
  std::unique_ptr<federation::Observers<uint64_t>::Subscription> subscription_;
};

}  // namespace

grpc::ServerUnaryReactor* DaemonService::GetAccount(
    grpc::CallbackServerContext* context, const v1::GetAccountRequest*,
    v1::GetAccountResponse* response) {
  return AnswerOnLoop(loop_, caller_, context,
                      "interlink.v1.DaemonService/GetAccount", [=, this] {
                        *response = account_.Describe();
                        response->set_version(INTERLINK_VERSION);
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* DaemonService::Backup(
    grpc::CallbackServerContext* context, const v1::BackupRequest* request,
    v1::BackupResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto status = caller_.Check(*context, "interlink.v1.DaemonService/Backup");
  if (!status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  loop_.Post([=, this] { backups_.Run(request, response, reactor); });
  return reactor;
}

grpc::ServerUnaryReactor* DaemonService::ListEvents(
    grpc::CallbackServerContext* context, const v1::ListEventsRequest* request,
    v1::ListEventsResponse* response) {
  return AnswerOnLoop(
      loop_, caller_, context, "interlink.v1.DaemonService/ListEvents",
      [=, this] { return Fill(account_.events().List(*request), response); });
}

grpc::ServerWriteReactor<v1::WatchEventsResponse>* DaemonService::WatchEvents(
    grpc::CallbackServerContext* context,
    const v1::WatchEventsRequest* request) {
  auto status =
      caller_.Check(*context, "interlink.v1.DaemonService/WatchEvents");
  if (!status.ok()) return new RefusedWrites<v1::WatchEventsResponse>(status);
  auto* watch =
      new EventsWatch(loop_, streams_, account_.events(),
                      request->has_after_sequence()
                          ? std::optional<int64_t>(request->after_sequence())
                          : std::nullopt);
  watch->Open();
  return watch;
}

}  // namespace interlink::daemon
