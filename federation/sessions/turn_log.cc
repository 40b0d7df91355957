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
  Transaction transaction = ledger_.Begin();
  std::map<store::InterlinkId, api::InterlinkHealth> written;
  auto id = due_.lower_bound(from);
  for (; id != due_.end() && written.size() < kWrittenAtOnce;) {
    const auto news = News(*id);
    if (!news) {
      id = due_.erase(id);
      continue;
    }
    if (budget_.Take(*id)) {
      const auto told = told_.find(*id);
      AddEvent(*interlinks_.Find(*id),
               told == told_.end() ? api::INTERLINK_HEALTH_UNSPECIFIED
                                   : told->second,
               transaction);
      written[*id] = *news;
    }
    ++id;
  }
  const auto next = id == due_.end() ? std::nullopt : std::optional(*id);
  if (!written.empty() && transaction.Commit().ok()) {
    for (const auto& [link, health] : written) {
      told_[link] = health;
      due_.erase(link);
    }
  }
  if (!due_.empty()) round_.Changed();
  return next;
}

void TurnLog::AddEvent(const Row& row, api::InterlinkHealth before,
                       Transaction& transaction) {
  switch (row.health) {
    case api::INTERLINK_HEALTH_CONNECTED:
      if (before == api::INTERLINK_HEALTH_PAUSED) {
        transaction.Tell("RESUMED_BY_PEER", kByPeer, &row,
                         "the other account has resumed this interlink");
      } else {
        transaction.Tell(kConnected, kByDaemon, &row,
                         "the other account answers again");
      }
      return;
    case api::INTERLINK_HEALTH_PAUSED:
      transaction.Tell("PAUSED_BY_PEER", kByPeer, &row,
                       "the other account has paused this interlink");
      return;
    case api::INTERLINK_HEALTH_ORPHANED:
      transaction.Tell("ORPHANED", kByDaemon, &row,
                       "the other account knows nothing of this interlink: it "
                       "was wiped, or an old copy of it was put back");
      return;
    default:
      transaction.Tell(kUnreachable, kByDaemon, &row,
                       row.last_error.empty()
                           ? "the other account does not answer"
                           : "not connected any more: " + row.last_error);
  }
}

}  // namespace interlink::federation
