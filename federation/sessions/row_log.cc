#include "federation/sessions/row_log.h"

#include <string_view>
#include <utility>

#include "federation/ledger/interlink_view.h"

namespace interlink::federation {
namespace {

constexpr double kLinesPerSecond = 1.0 / 60;
constexpr int kWrittenAtOnce = 16;

// What `row` says of itself behind its circle. A green circle has another
// reason than the error: the link may have lost its session just now, or its
// peer's calls may not be let in.
std::string_view BeforeError(const api::Interlink& row) {
  return row.indicator() == api::INDICATOR_GREEN ? "; last error: " : ": ";
}

std::string_view Without(std::string_view prefix, std::string_view name) {
  return name.substr(prefix.size());
}

}  // namespace

RowLog::RowLog(EventLoop& loop, Interlinks& interlinks, Write write)
    : interlinks_(interlinks),
      write_(std::move(write)),
      budget_(loop, kLinesPerSecond, kAtOnce),
      round_(loop,
             [this](store::InterlinkId from) { return WriteSome(from); }) {
  subscription_ = interlinks_.Watch(
      [this](const Row& row) {
        const api::Interlink shown = ShowInterlink(row);
        rows_[row.id] = {shown.name(), {shown.state(), shown.indicator()}};
      },
      [this](store::InterlinkId id) { Observe(id); });
}

void RowLog::Observe(store::InterlinkId id) {
  const Row* row = interlinks_.Find(id);
  if (row == nullptr) {
    waiting_.erase(id);
    const auto known = rows_.extract(id);
    if (!known.empty()) write_(TitleOf(known.mapped().name, id) + ": removed");
    return;
  }
  const api::Interlink now = ShowInterlink(*row);
  const Shown shown{now.state(), now.indicator()};
  Known& known = rows_[id];
  known.name = now.name();
  if (known.shown == shown) return;
  // No peer can have a row change its state more than a few times.
  const bool is_turn = known.shown.state == shown.state;
  known.shown = shown;
  ++known.turns;
  if (!is_turn || (!waiting_.contains(id) && budget_.Take(id))) {
    WriteLine(id, known);
  } else {
    waiting_.insert(id);
    round_.Changed();
  }
}

void RowLog::WriteLine(store::InterlinkId id, Known& known) {
  const api::Interlink now = ShowInterlink(*interlinks_.Find(id));
  std::string line = TitleOf(known.name, id) + ": ";
  line += Without("INTERLINK_STATE_", api::InterlinkState_Name(now.state()));
  line += ", ";
  line += Without("INDICATOR_", api::Indicator_Name(now.indicator()));
  if (known.turns > 1) {
    line += ", after " + std::to_string(known.turns) + " turns";
  }
  if (now.has_last_error()) {
    line += BeforeError(now);
    line += now.last_error().message();
  }
  known.turns = 0;
  waiting_.erase(id);
  write_(line);
}

std::optional<store::InterlinkId> RowLog::WriteSome(store::InterlinkId from) {
  int written = 0;
  auto next = waiting_.lower_bound(from);
  while (next != waiting_.end() && written < kWrittenAtOnce) {
    const store::InterlinkId id = *next++;
    if (!budget_.Take(id)) continue;
    WriteLine(id, rows_.at(id));
    ++written;
  }
  if (!waiting_.empty()) round_.Changed();
  return next == waiting_.end() ? std::nullopt : std::optional(*next);
}

}  // namespace interlink::federation
