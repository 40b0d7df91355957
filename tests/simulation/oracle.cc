#include "tests/simulation/oracle.h"

#include <algorithm>

#include "federation/base/reason.h"

namespace interlink::testing {
namespace {

using federation::Reason;
using federation::ReasonOf;
using federation::SteadyTime;

// From the contract (design.md sections 7 and 9), not from the code under test.
constexpr std::chrono::seconds kLease{12};
// What a store may hold besides rows, tombstones, numbers and events.
constexpr size_t kOtherRecords = 6;
// Of one account: messages under way, timers, and what is being retried.
constexpr size_t kMostTasks = 1000;
// Of how many looks at the answers one is at closed links too.
constexpr size_t kCloserLooks = 8;

bool IsEstablished(const api::Interlink& row) {
  return row.state() == api::INTERLINK_STATE_ESTABLISHED;
}

}  // namespace

Oracle::Oracle(VirtualTime& time, SimulatedNetwork& network,
               const Accounts& accounts)
    : time_(time), network_(network), accounts_(accounts) {
  network.on_sign_of_life = [this](const SimulatedAccount& receiver,
                                   const SimulatedAccount& peer,
                                   SteadyTime sent) {
    const auto index = [this](const SimulatedAccount& account) {
      size_t i = 0;
      while (accounts_[i].get() != &account) ++i;
      return i;
    };
    auto& pongs = pongs_[{index(receiver), index(peer)}];
    const SteadyTime now = time_.Now();
    while (!pongs.empty() && now - pongs.front().arrived > Pong::kCounts) {
      pongs.pop_front();
    }
    pongs.push_back({sent, now});
  };
}

void Oracle::Violate(const std::string& what) {
  if (violation_.empty()) violation_ = what;
}

const std::string& Oracle::NameOf(size_t account) const {
  return At(account).name();
}

size_t Oracle::IndexOf(const std::string& account_id) const {
  const auto id = store::AccountId::FromHex(account_id);
  size_t i = 0;
  while (i < accounts_.size() && At(i).identity().account_id() != id) ++i;
  return i;
}

void Oracle::Started(size_t account, const std::set<std::string>& left_open) {
  promises_.Started(account, left_open);
  store::Database& database = At(account).database();
  const auto observe = [this, account](store::Revision, const auto& changes) {
    for (const auto& change : changes) {
      Observe(account, change.key, change.value);
    }
  };
  stores_[account] =
      database.Follow("", {.on_commit = observe, .on_reset = [] {}});
  // What a commit left whose answer was lost, or an older copy holds.
  for (auto& [key, truth] : open_) {
    if (key.first == account) {
      ObserveRow(account, *store::InterlinkId::FromHex(key.second), {});
    }
  }
  for (auto& [key, truth] : shared_) {
    if (key.first == account) truth.Set(time_.Now(), false);
  }
  std::erase_if(own_, [&](const auto& key) { return key.first == account; });
  const auto entries = database.Scan("");
  for (const store::Entry& entry : entries.value()) {
    Observe(account, entry.key, entry.value);
  }
}

void Oracle::Stopped(size_t account) {
  promises_.Stopped(account);
  stores_.erase(account);
  for (auto& [key, pongs] : pongs_) {
    if (key.first == account) pongs.clear();
  }
}

void Oracle::Observe(size_t account, const std::string& key,
                     const std::optional<std::string>& value) {
  if (const auto id = store::ParseIdKey(store::kInterlinkPrefix, key)) {
    store::v1::InterlinkRecord record;
    if (value) record = *store::Decode<store::v1::InterlinkRecord>(*value);
    ObserveRow(account, *id, record);
  } else if (const auto number = store::ParseNumberKey(key)) {
    store::v1::NumberRecord record;
    if (value) record = *store::Decode<store::v1::NumberRecord>(*value);
    const std::pair whose(account, number->ToString());
    numbers_.insert(whose.second);
    shared_[whose].Set(time_.Now(), value && !record.private_() &&
                                        !record.destination().empty());
    if (value) {
      own_.insert(whose);
    } else {
      own_.erase(whose);
    }
  }
}

void Oracle::ObserveRow(size_t account, store::InterlinkId id,
                        const store::v1::InterlinkRecord& record) {
  const bool is_established =
      record.state() == store::v1::ROW_STATE_ESTABLISHED;
  const std::string hex = id.ToHex();
  changed_.insert({account, hex});
  open_[{account, hex}].Set(time_.Now(), is_established && !record.paused());
  if (record.state() != store::v1::ROW_STATE_UNSPECIFIED) {
    refused_[{account, hex}].Set(
        time_.Now(), record.state() == store::v1::ROW_STATE_FAILED &&
                         record.failure().reason() == "KEY_ALREADY_USED");
  }
  if (!is_established) return;
  established_.try_emplace({account, hex}, time_.Now());
  auto& holders = holders_[hex];
  holders.insert(account);
  if (holders.size() > 2 && !forgiven_.contains(hex)) {
    Violate("the key " + hex + " has linked two accounts");
  }
  if (!record.has_issued_key()) return;
  if (issuers_.contains(hex) && issuers_[hex] != account) {
    Violate(NameOf(account) + " says that it issued a key of another account");
  }
  const auto& key = record.issued_key();
  if (key.has_expire_time() && store::FromTimestamp(record.establish_time()) >
                                   store::FromTimestamp(key.expire_time())) {
    Violate("the key " + hex + " has linked an account after its end");
  }
}

void Oracle::PutBack(size_t account, const std::vector<api::Interlink>& rows,
                     size_t deletions) {
  promises_.PutBack(account);
  std::set<std::string> listed;
  for (const auto& row : At(account).Rows()) {
    listed.insert(row.id());
    if (!IsEstablished(row)) {
      // It may become so once more, which is as good as a pong.
      established_.erase({account, row.id()});
    }
    if (row.state() != api::INTERLINK_STATE_LINKING && !IsEstablished(row)) {
      continue;
    }
    // It is back. If its peer has not heard of the deletion either, nobody has
    // ended it any more.
    const size_t peer = IndexOf(row.peer_account_id());
    const auto there = peer < accounts_.size() && At(peer).is_running()
                           ? At(peer).Rows()
                           : std::vector<api::Interlink>();
    const bool is_unheard =
        peer < accounts_.size() &&
        (!At(peer).is_running() ||
         std::any_of(there.begin(), there.end(), [&](const auto& other) {
           return other.id() == row.id() && IsEstablished(other);
         }));
    if (is_unheard) over_.erase(row.id());
  }
  for (size_t i = deletions; i < deletions_.size(); ++i) {
    if (deletions_[i].account != account) continue;
    gone_.erase({account, deletions_[i].id});
    // Of a key, or an attempt, nobody else may have heard.
    const auto holders = holders_.find(deletions_[i].id);
    if (holders == holders_.end()) over_.erase(deletions_[i].id);
    lost_.insert(deletions_[i].id);
  }
  for (const auto& row : rows) {
    if (listed.contains(row.id())) continue;
    lost_.insert(row.id());
    established_.erase({account, row.id()});
  }
  const auto outbox = At(account).database().Scan(store::kOutboxPrefix);
  for (const store::Entry& entry : outbox.value()) {
    lost_.insert(store::ParseIdKey(store::kOutboxPrefix, entry.key)->ToHex());
  }
  // Tombstones that are gone with it cannot speak for what they ended.
  for (const auto& row : At(account).Rows()) lost_.insert(row.id());
}

void Oracle::Forgive(size_t account) {
  for (const auto& row : At(account).Rows()) {
    if (row.state() == api::INTERLINK_STATE_PENDING) {
      forgiven_.insert(row.id());
    }
  }
}

SteadyTime Oracle::WindowOf(size_t account, size_t peer, bool bypass,
                            SteadyTime begin) const {
  const auto found = pongs_.find({account, peer});
  if (bypass || found == pongs_.end()) return begin;
  SteadyTime first = begin;
  for (const Pong& pong : found->second) {
    if (begin - pong.arrived <= kLease) {
      first = std::min(first, pong.sent);
    }
  }
  return first;
}

void Oracle::Resolved(size_t account, const std::string& number, bool bypass,
                      SteadyTime begin,
                      const absl::StatusOr<api::Resolution>& answer) {
  if (!answer.ok()) {
    if (ReasonOf(answer.status()) == Reason::kNumberNotFound) {
      CheckNotFound(account, number, bypass, begin);
    }
    return;
  }
  const bool is_local = own_.contains({account, number});
  if (answer->source() == api::RESOLUTION_SOURCE_LOCAL) {
    if (!is_local) Violate(number + " is no number of " + NameOf(account));
    return;
  }
  // It may have been added while the peers were asked.
  if (is_local && begin == time_.Now()) {
    Violate(NameOf(account) + " asks peers for its own number " + number);
  }
  for (const api::Route& route : answer->routes()) {
    if (!answer->stale()) CheckRoute(account, number, bypass, begin, route);
  }
}

void Oracle::CheckRoute(size_t account, const std::string& number, bool bypass,
                        SteadyTime begin, const api::Route& route) {
  const auto id = *store::InterlinkId::FromHex(route.interlink_id());
  const federation::Row* row = At(account).account().interlinks().Find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    Violate(NameOf(account) + " resolves " + number + " over no link");
    return;
  }
  const size_t peer = IndexOf(row->peer().ToHex());
  const SteadyTime since = WindowOf(account, peer, bypass, begin);
  if (!shared_[{peer, number}].WasEver(true, since)) {
    Violate(NameOf(account) + " was told of " + number + ", which " +
            NameOf(peer) + " did not share");
  }
  if (!open_[{peer, id.ToHex()}].WasEver(true, since)) {
    Violate(NameOf(account) + " was told of " + number + " by " + NameOf(peer) +
            ", which is not linked with it, or has paused");
  }
}

void Oracle::Check() {
  const bool is_closer_look = ++checks_ % kCloserLooks == 0;
  for (size_t i = 0; i < accounts_.size(); ++i) {
    if (!At(i).is_running()) continue;
    CheckAnswers(i, is_closer_look);
    for (const auto& row : At(i).Rows()) {
      if (gone_.contains({i, row.id()})) {
        Violate(NameOf(i) + " has again what was deleted: " + row.id());
      }
    }
  }
  CheckCircles();
}

void Oracle::CheckAgreement() {
  promises_.CheckLongAfter();
  std::map<std::string, std::set<size_t>> standing;
  for (size_t i = 0; i < accounts_.size(); ++i) {
    std::set<std::string> peers;
    CheckAnswers(i, /*is_closer_look=*/true);
    CheckDelivered(i);
    for (const auto& row : At(i).Rows()) {
      if (row.state() == api::INTERLINK_STATE_LINKING) {
        Violate(NameOf(i) + " is still linking " + row.id());
      }
      if (!IsEstablished(row)) continue;
      if (!peers.insert(row.peer_account_id()).second) {
        Violate(NameOf(i) + " has two rows for one account");
      }
      if (IsKnownLost(row)) continue;
      standing[row.id()].insert(i);
      const size_t peer = IndexOf(row.peer_account_id());
      const bool is_paused =
          !open_[{i, row.id()}].Now() || !open_[{peer, row.id()}].Now();
      if (row.indicator() !=
          (is_paused ? api::INDICATOR_AMBER : api::INDICATOR_GREEN)) {
        Violate(NameOf(i) + " shows " + api::Indicator_Name(row.indicator()) +
                " for " + row.id() + ": " + row.last_error().message());
      }
      if (!is_paused) CheckMirror(i, row, peer);
    }
    CheckBounds(i);
  }
  for (const auto& [id, who] : standing) {
    if (who.size() != 2) {
      Violate(id + " stands at " + NameOf(*who.begin()) + " alone");
    }
    if (over_.contains(id) && !forgiven_.contains(id))
      Violate(id + " was deleted and still stands");
  }
}

bool Oracle::CanBeCalled(size_t account) const {
  return !At(account).settings.addresses.empty();
}

// The peer was put back to a time before the link, and the row says that
// something is wrong with it.
bool Oracle::IsKnownLost(const api::Interlink& row) const {
  if (!lost_.contains(row.id())) return false;
  if (CanBeCalled(IndexOf(row.peer_account_id()))) {
    return row.health() == api::INTERLINK_HEALTH_ORPHANED;
  }
  // Who knows of no link does not call, either. What is paused is shown as
  // that, and says in its last error only that nobody can be reached.
  return row.paused() ? row.has_last_error()
                      : row.health() == api::INTERLINK_HEALTH_UNREACHABLE;
}

void Oracle::CheckBounds(size_t account) {
  const auto& running = At(account).account();
  const size_t listed = At(account).Rows(/*removed=*/true).size();
  auto& database = At(account).database();
  const size_t events = database.Scan(store::kEventPrefix)->size();
  const size_t numbers = database.Scan(store::kNumberPrefix)->size();
  const size_t all = database.Scan("")->size();
  // Who cannot be called, and has forgotten all links, is told nothing.
  size_t untold = 0;
  const auto outbox = database.Scan(store::kOutboxPrefix);
  for (const store::Entry& entry : outbox.value()) {
    const auto record = *store::Decode<store::v1::OutboxRecord>(entry.value);
    const auto peer =
        store::AccountId::FromBytes(record.peer().account_id()).value();
    untold += CanBeCalled(IndexOf(peer.ToHex())) ? 0 : 1;
  }
  if (all > listed + events + numbers + untold + kOtherRecords) {
    Violate("the store of " + NameOf(account) + " has grown");
  }
  size_t theirs = 0;
  for (const auto& row : At(account).Rows()) {
    if (!IsEstablished(row)) continue;
    for (const auto& [key, truth] : shared_) {
      theirs += key.first == IndexOf(row.peer_account_id()) && truth.Now();
    }
  }
  if (running.mirrors().size() > theirs) {
    Violate(NameOf(account) + " keeps numbers that nobody shares with it");
  }
  if (At(account).account().sessions().pending() > 2 * accounts_.size()) {
    Violate(NameOf(account) + " has too many streams");
  }
  if (time_.waiting() > kMostTasks * accounts_.size()) {
    Violate("too much is waiting to be done");
  }
}

}  // namespace interlink::testing
