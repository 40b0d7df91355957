#include "federation/sessions/turn_log.h"

#include "federation/base/settings.h"

namespace interlink::federation {
namespace {

// Links whose events one commit writes.
constexpr size_t kWrittenAtOnce = 16;

}  // namespace

TurnLog::TurnLog(EventLoop& loop, Ledger& ledger, LinkBudget& budget)
    : ledger_(ledger),
      interlinks_(ledger.interlinks()),
      budget_(budget),
      round_(loop,
             [this](store::InterlinkId from) { return WriteSome(from); }) {
  start_ = loop.After(kAnswerCounts, [this] {
    is_starting_ = false;
    for (const auto& [id, row] : interlinks_.rows()) Observe(id);
  });
  subscription_ =
      interlinks_.Watch([this](const Row& row) { Observe(row.id); },
                        [this](store::InterlinkId id) { Observe(id); });
}

TurnLog::~TurnLog() = default;

void TurnLog::Observe(store::InterlinkId id) {
  const Row* row = interlinks_.Find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    told_.erase(id);
    due_.erase(id);
    return;
  }
  if (row->health == api::INTERLINK_HEALTH_CONNECTED) {
    told_.try_emplace(id, row->health);
  }
  if (!News(id)) return;
  due_.insert(id);
  round_.Changed();
}

std::optional<api::InterlinkHealth> TurnLog::News(store::InterlinkId id) const {
  const Row* row = interlinks_.Find(id);
  if (row == nullptr || row->health == api::INTERLINK_HEALTH_UNSPECIFIED) {
    return std::nullopt;
  }
  if (row->record.paused() && row->health == api::INTERLINK_HEALTH_PAUSED) {
    return std::nullopt;  // Its own event says that.
  }
  const auto told = told_.find(id);
  if (told != told_.end() && told->second == row->health) return std::nullopt;
  if (told == told_.end() && is_starting_ &&
      row->health == api::INTERLINK_HEALTH_UNREACHABLE) {
    return std::nullopt;
  }
  return row->health;
}

std::optional<store::InterlinkId> TurnLog::WriteSome(store::InterlinkId from) {
  Turns turns;
  auto id = due_.lower_bound(from);
  for (; id != due_.end() && turns.size() < kWrittenAtOnce;) {
    const auto news = News(*id);
    if (!news) {
      id = due_.erase(id);
      continue;
    }
    if (!writing_.contains(*id) && budget_.Take(*id)) turns[*id] = *news;
    ++id;
  }
  const auto next = id == due_.end() ? std::nullopt : std::optional(*id);
  if (!turns.empty()) Write(std::move(turns));
  if (!due_.empty()) round_.Changed();
  return next;
}

void TurnLog::Write(Turns turns) {
  Changes changes;
  for (const auto& [link, health] : turns) {
    const auto told = told_.find(link);
    changes.events.push_back(EventFor(*interlinks_.Find(link),
                                      told == told_.end()
                                          ? api::INTERLINK_HEALTH_UNSPECIFIED
                                          : told->second));
    writing_.insert(link);
  }
  ledger_.Submit([changes](const Draft&) { return changes; },
                 [this, alive = std::weak_ptr(alive_),
                  turns = std::move(turns)](const absl::Status& status) {
                   if (!alive.expired()) Written(turns, status.ok());
                 });
}

void TurnLog::Written(const Turns& turns, bool is_stored) {
  for (const auto& [link, health] : turns) {
    writing_.erase(link);
    if (!is_stored) continue;
    told_[link] = health;
    due_.erase(link);
    Observe(link);  // It may have turned again, or be gone.
  }
  if (!due_.empty()) round_.Changed();
}

store::v1::EventRecord TurnLog::EventFor(const Row& row,
                                         api::InterlinkHealth before) const {
  const auto event = [&](std::string_view kind, std::string_view actor,
                         std::string message) {
    return EventOf(kind, actor, row.record, std::move(message),
                   ledger_.WallNow());
  };
  switch (row.health) {
    case api::INTERLINK_HEALTH_CONNECTED:
      if (before == api::INTERLINK_HEALTH_PAUSED) {
        return event("RESUMED_BY_PEER", kByPeer,
                     "the other account has resumed this interlink");
      }
      return event(kConnected, kByDaemon, "the other account answers again");
    case api::INTERLINK_HEALTH_PAUSED:
      return event("PAUSED_BY_PEER", kByPeer,
                   "the other account has paused this interlink");
    case api::INTERLINK_HEALTH_ORPHANED:
      return event("ORPHANED", kByDaemon,
                   "the other account knows nothing of this interlink: it was "
                   "wiped, or an old copy of it was put back");
    default:
      return event(kUnreachable, kByDaemon,
                   row.last_error.empty()
                       ? "the other account does not answer"
                       : "not connected any more: " + row.last_error);
  }
}

}  // namespace interlink::federation
