#include "daemon/api/daemon_service.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "daemon/api/watch_stream.h"

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

  absl::StatusOr<bool> NextOfSnapshot(
      v1::WatchEventsResponse& response) override {
    return NextUntil(snapshot_end_, response);
  }
  absl::StatusOr<bool> NextChange(v1::WatchEventsResponse& response) override {
    return NextUntil(std::numeric_limits<uint64_t>::max(), response);
  }

  absl::StatusOr<bool> NextUntil(uint64_t end,
                                 v1::WatchEventsResponse& response) {
    auto event = events_.Next(sent_);
    if (!event.ok()) return event.status();
    if (!*event) return false;
    const auto sequence = static_cast<uint64_t>((*event)->sequence());
    if (sequence > end) return false;
    sent_ = sequence;
    *response.mutable_event() = **std::move(event);
    return true;
  }

  federation::EventLog& events_;
  const std::optional<int64_t> after_;
  uint64_t snapshot_end_ = 0;
  uint64_t sent_ = 0;
  std::unique_ptr<federation::Observers<uint64_t>::Subscription> subscription_;
};

}  // namespace

UnaryReactor* DaemonService::GetAccount(CallContext* context,
                                        const v1::GetAccountRequest*,
                                        v1::GetAccountResponse* response) {
  return AnswerOnLoop(context, "GetAccount", [=, this] {
    *response = account().Describe();
    response->set_store_failure(backend().store.trouble());
    response->set_settings_failure(backend().settings_failure());
    response->set_version(INTERLINK_VERSION);
    return absl::OkStatus();
  });
}

UnaryReactor* DaemonService::Backup(CallContext* context,
                                    const v1::BackupRequest* request,
                                    v1::BackupResponse* response) {
  return BeginOnLoop(context, "Backup", [=, this](const UnaryCall& call) {
    backend().backups.Run(request, response, call);
  });
}

UnaryReactor* DaemonService::ListEvents(CallContext* context,
                                        const v1::ListEventsRequest* request,
                                        v1::ListEventsResponse* response) {
  return AnswerOnLoop(context, "ListEvents", [=, this] {
    return Fill(account().events().List(*request), response);
  });
}

grpc::ServerWriteReactor<v1::WatchEventsResponse>* DaemonService::WatchEvents(
    CallContext* context, const v1::WatchEventsRequest* request) {
  return OpenWatch<EventsWatch, v1::WatchEventsResponse>(
      context, "WatchEvents", account().events(),
      request->has_after_sequence()
          ? std::optional<int64_t>(request->after_sequence())
          : std::nullopt);
}

}  // namespace interlink::daemon
