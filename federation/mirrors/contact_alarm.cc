#include "federation/mirrors/contact_alarm.h"

#include <algorithm>
#include <utility>

#include "federation/base/contact_template.h"

namespace interlink::federation {
namespace {

constexpr std::chrono::hours kBetween{1};

std::string Sentence(const std::string& number, const std::string& host,
                     const std::string& linked, bool is_last) {
  return "number " + number + " over this interlink leads to " + host +
         ", which is not the host named at linking, " +
         (linked.empty() ? "none" : linked) +
         (is_last ? "; of further hosts of its numbers nothing is said" : "");
}

// Whether the administrator has to hear of the host to which `entry` leads.
bool IsNews(const store::v1::Peer& peer, const v1::DirectoryEntry& entry) {
  if (entry.contact().empty() ||
      peer.told_hosts_size() >= ContactAlarm::kMostHosts ||
      !store::InternalNumber::Parse(entry.number())) {
    return false;
  }
  const std::string host = HostOf(entry.contact());
  const auto& known = peer.told_hosts();
  return !host.empty() && host != HostOf(peer.contact()) &&
         host != HostOf(peer.announced_contact()) &&
         std::find(known.begin(), known.end(), host) == known.end();
}

// Adds to `transaction` that the administrator is told of the hosts in `part`.
void AddTold(const Row& row, const v1::DirectoryPart& part,
             Transaction& transaction) {
  store::v1::InterlinkRecord record = row.record;
  store::v1::Peer& peer = *record.mutable_peer();
  bool is_any = false;
  for (const v1::DirectoryEntry& entry : part.entries()) {
    if (!IsNews(peer, entry)) continue;
    is_any = true;
    const std::string host = HostOf(entry.contact());
    peer.add_told_hosts(host);
    transaction.Tell(
        "CONTACT_HOST_CHANGED", kByPeer, &row,
        Sentence(entry.number(), host, HostOf(peer.contact()),
                 peer.told_hosts_size() == ContactAlarm::kMostHosts));
  }
  if (is_any) transaction.Update(row, record);
}

}  // namespace

void ContactAlarm::Heard(store::InterlinkId id, const v1::DirectoryPart& part) {
  const Row* row = ledger_.interlinks().Find(id);
  if (row == nullptr) return;
  for (const v1::DirectoryEntry& entry : part.entries()) {
    if (!IsNews(row->record.peer(), entry)) continue;
    v1::DirectoryPart& untold = hosts_[id].part;
    const std::string host = HostOf(entry.contact());
    const bool is_known = std::any_of(
        untold.entries().begin(), untold.entries().end(),
        [&](const auto& other) { return HostOf(other.contact()) == host; });
    if (!is_known && untold.entries_size() < kMostHosts) {
      *untold.add_entries() = entry;
    }
  }
  Tell(id);
}

void ContactAlarm::Tell(store::InterlinkId id) {
  const auto hosts = hosts_.find(id);
  if (hosts == hosts_.end() || std::exchange(hosts->second.is_telling, true)) {
    return;
  }
  ledger_.Submit(
      Subject::Link(id).ForPeer(),
      [this, id, part = hosts->second.part](Transaction& transaction) {
        if (const Row* row = ledger_.interlinks().Find(id)) {
          AddTold(*row, part, transaction);
        }
        return absl::OkStatus();
      },
      [this, id,
       told = hosts->second.part.entries_size()](const absl::Status& status) {
        Hosts& left = hosts_[id];
        left.is_telling = false;
        if (!status.ok()) return;  // With the next part.
        left.part.mutable_entries()->DeleteSubrange(0, told);
        if (left.part.entries().empty()) {
          hosts_.erase(id);
        } else {
          Tell(id);
        }
      });
}

void ContactAlarm::LeadsBack(store::InterlinkId id,
                             store::InternalNumber number) {
  const SteadyTime now = loop_.Now();
  {
    absl::MutexLock lock(&mutex_);
    if (told_.size() >= kMostLinks) told_.clear();
    const auto [told, is_new] = told_.try_emplace(id, now);
    if (!is_new && now - told->second < kBetween) return;
    told->second = now;
  }
  loop_.Post([this, weak = std::weak_ptr<bool>(alive_), id, number] {
    if (weak.expired()) return;
    const Row* row = ledger_.interlinks().Find(id);
    if (row == nullptr) return;
    events_.Tell("ROUTE_BACK_REFUSED", kByDaemon, row->record,
                 "number " + number.ToString() +
                     " over this interlink leads back to this account's own "
                     "PBX, to its machine or to a door of its daemon, where "
                     "the call would be taken for one from inside, so it is "
                     "not given out");
  });
}

}  // namespace interlink::federation
