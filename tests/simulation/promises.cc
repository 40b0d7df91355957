#include "tests/simulation/promises.h"

#include <algorithm>
#include <string_view>

#include "store/records.h"

namespace interlink::testing {
namespace {

// What a start removes nothing of.
bool IsLasting(const std::string& key) {
  for (const std::string_view prefix :
       {store::kInterlinkPrefix, store::kTombstonePrefix, store::kOutboxPrefix,
        store::kNumberPrefix}) {
    if (key.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

Promises::Promises(const Accounts& accounts, Violate violate)
    : accounts_(accounts), violate_(std::move(violate)) {}

void Promises::Started(size_t account, const std::set<std::string>& left_open) {
  Told& told = told_[account];
  store::Database& database = accounts_[account]->database();
  // A write that failed may have come to the disk all the same.
  if (!told.is_disk_failing) {
    for (const auto& [key, revision] : told.revisions) {
      const auto entry = *database.Get(key);
      if (!entry && left_open.contains(key)) continue;
      if (!entry || entry->revision < revision) {
        violate_(accounts_[account]->name() + " has lost " + key);
      }
    }
  }
  told = {};
  told.store = database.Follow(
      "", {.on_commit =
               [this, account](store::Revision, const auto& changes) {
                 for (const store::Change& change : changes) {
                   Observe(account, change);
                 }
               },
           .on_reset = [] {}});
  told.rows = accounts_[account]->account().interlinks().observers().Add(
      [this, account](store::InterlinkId) { CheckWhole(account); });
  const auto entries = database.Scan("");
  for (const store::Entry& entry : entries.value()) {
    Observe(account, {entry.key, entry.value, entry.revision});
  }
}

void Promises::Stopped(size_t account) {
  Told& told = told_[account];
  told.store.reset();
  told.rows.reset();
  told.is_disk_failing = accounts_[account]->disk().has_failed();
}

void Promises::PutBack(size_t account) {
  for (const auto& [key, revision] :
       std::exchange(told_[account].revisions, {})) {
    if (const auto id = store::ParseIdKey(store::kInterlinkPrefix, key)) {
      ended_.insert(id->ToHex());
    }
  }
  const auto entries =
      accounts_[account]->database().Scan(store::kInterlinkPrefix);
  for (const store::Entry& entry : entries.value()) {
    const auto row =
        store::Decode<store::v1::InterlinkRecord>(entry.value).value();
    ended_.insert(store::InterlinkId::FromBytes(row.id())->ToHex());
    // A key that is void stays so.
    if (row.state() == store::v1::ROW_STATE_FAILED) continue;
    std::erase_if(burnt_, [&](const std::string& burnt) {
      return burnt.starts_with(row.id());
    });
  }
}

void Promises::Observe(size_t account, const store::Change& change) {
  Told& told = told_[account];
  if (IsLasting(change.key)) {
    if (change.value) {
      told.revisions[change.key] = change.revision;
    } else {
      told.revisions.erase(change.key);
    }
  }
  if (change.key.starts_with(store::kOutboxPrefix)) {
    ObserveOutbox(told, change);
  } else if (change.value && change.key.starts_with(store::kInterlinkPrefix)) {
    ObserveRow(account,
               *store::Decode<store::v1::InterlinkRecord>(*change.value));
  } else if (change.value && change.key.starts_with(store::kTombstonePrefix)) {
    ObserveTombstone(*store::Decode<store::v1::InterlinkRecord>(*change.value));
  }
}

void Promises::CheckWhole(size_t account) const {
  SimulatedAccount& told = *accounts_[account];
  if (told.disk().has_failed()) return;
  const auto& interlinks = told.account().interlinks();
  const auto rows = told.database().Scan(store::kInterlinkPrefix);
  bool is_whole = rows->size() == interlinks.rows().size();
  for (const store::Entry& entry : rows.value()) {
    const auto* row =
        interlinks.Find(*store::ParseIdKey(store::kInterlinkPrefix, entry.key));
    is_whole &= row != nullptr && row->revision == entry.revision;
  }
  size_t undelivered = 0;
  const auto outbox = told.database().Scan(store::kOutboxPrefix);
  for (const store::Entry& entry : outbox.value()) {
    undelivered +=
        !store::Decode<store::v1::OutboxRecord>(entry.value)->confirms();
  }
  is_whole &= undelivered == told.account().outbox().undelivered();
  if (!is_whole) violate_(told.name() + " tells of half a commit");
}

// Also of a deletion whose answer was lost with the disk.
void Promises::ObserveTombstone(const store::v1::InterlinkRecord& row) {
  const auto id = store::InterlinkId::FromBytes(row.id())->ToHex();
  if (row.removal().cause() == store::v1::REMOVAL_CAUSE_DELETED_HERE) {
    ended_.insert(id);
  }
  if (const auto successor =
          store::InterlinkId::FromBytes(row.removal().successor_id())) {
    merged_[id] = successor->ToHex();
  }
}

bool Promises::WasMergedIntoAnEndedOne(std::string id) const {
  for (size_t i = 0; i < merged_.size(); ++i) {
    const auto merged = merged_.find(id);
    if (merged == merged_.end()) return false;
    id = merged->second;
    if (ended_.contains(id)) return true;
  }
  return false;
}

void Promises::ObserveRow(size_t account,
                          const store::v1::InterlinkRecord& row) {
  if (row.state() != store::v1::ROW_STATE_ESTABLISHED) return;
  if (burnt_.contains(row.id() + row.issued_key().redeem_id())) {
    violate_(accounts_[account]->name() +
             " is linked by an attempt that it has confirmed as cancelled");
  }
  Link link{.accounts = {accounts_[account]->identity().account_id().ToBytes(),
                         row.peer().account_id()},
            .place = links_.size()};
  if (link.accounts.second < link.accounts.first) {
    std::swap(link.accounts.first, link.accounts.second);
  }
  const auto id = store::InterlinkId::FromBytes(row.id())->ToHex();
  links_.try_emplace(id, std::move(link)).first->second.holders.insert(account);
}

void Promises::ObserveOutbox(Told& told, const store::Change& change) {
  if (change.value) {
    const auto removal =
        store::Decode<store::v1::OutboxRecord>(*change.value).value();
    if (!removal.redeem_id().empty()) {
      told.cancels[change.key] = removal.interlink_id() + removal.redeem_id();
    }
  } else if (const auto cancel = told.cancels.extract(change.key)) {
    burnt_.insert(cancel.mapped());
  }
}

void Promises::CheckLongAfter() {
  std::map<std::string, size_t> rows;  // How many are established, by id.
  std::vector<std::pair<size_t, store::v1::InterlinkRecord>> all;
  for (size_t i = 0; i < accounts_.size(); ++i) {
    const auto entries = accounts_[i]->database().Scan(store::kInterlinkPrefix);
    for (const store::Entry& entry : entries.value()) {
      const auto row =
          store::Decode<store::v1::InterlinkRecord>(entry.value).value();
      if (row.state() != store::v1::ROW_STATE_ESTABLISHED) continue;
      const auto id = store::InterlinkId::FromBytes(row.id())->ToHex();
      ++rows[id];
      all.emplace_back(i, row);
    }
  }
  for (const auto& [account, row] : all) {
    const auto id = store::InterlinkId::FromBytes(row.id())->ToHex();
    if (rows[id] == 2) CheckKnown(account, row.peer());
  }
  for (const auto& entry : links_) {
    const auto& link = entry.second;
    if (link.holders.size() != 2 || WasMergedIntoAnEndedOne(entry.first)) {
      continue;
    }
    // Another may stand for it, or have been ended in its stead.
    const bool is_accounted_for =
        std::any_of(links_.begin(), links_.end(), [&](const auto& other) {
          return other.second.accounts == link.accounts &&
                 (rows[other.first] == 2 || (other.second.place >= link.place &&
                                             ended_.contains(other.first)));
        });
    if (!is_accounted_for)
      violate_(entry.first + " is gone, and nobody has ended it");
  }
}

// Both sides have to know where the other is now, and that it has been put back
// to an earlier state, if it was.
void Promises::CheckKnown(size_t account, const store::v1::Peer& known) {
  const std::string& name = accounts_[account]->name();
  for (const auto& peer : accounts_) {
    if (peer->identity().account_id().ToBytes() != known.account_id()) continue;
    const auto& is = peer->settings.addresses;
    if (!std::equal(known.addresses().begin(), known.addresses().end(),
                    is.begin(), is.end())) {
      violate_(name + " does not know where " + peer->name() + " is");
    }
    if (known.generation() > peer->account().generation().count()) {
      violate_(name + " knows a later state of " + peer->name() +
               ", which does not know that");
    }
  }
}

}  // namespace interlink::testing
