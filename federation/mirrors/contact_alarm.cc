#include "federation/mirrors/contact_alarm.h"

#include <algorithm>

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

// Adds to `transaction` that the administrator is told of the hosts in `part`.
void AddTold(const Row& row, const v1::DirectoryPart& part,
             Transaction& transaction) {
  store::v1::InterlinkRecord record = row.record;
  store::v1::Peer& peer = *record.mutable_peer();
  const std::string linked = HostOf(peer.contact());
  int told = 0;
  for (const v1::DirectoryEntry& entry : part.entries()) {
    if (entry.contact().empty()) continue;
    if (peer.told_hosts_size() >= ContactAlarm::kMostHosts) break;
    const std::string host = HostOf(entry.contact());
    const auto& known = peer.told_hosts();
    const bool is_digits =
        store::InternalNumber::Parse(entry.number()).has_value();
    if (!is_digits || host.empty() || host == linked ||
        host == HostOf(peer.announced_contact()) ||
        std::find(known.begin(), known.end(), host) != known.end()) {
      continue;
    }
    peer.add_told_hosts(host);
    ++told;
    transaction.Tell(
        "CONTACT_HOST_CHANGED", kByPeer, &row,
        Sentence(entry.number(), host, linked,
                 peer.told_hosts_size() == ContactAlarm::kMostHosts));
  }
  if (told > 0) transaction.Update(row, record);
}

}  // namespace

void ContactAlarm::Heard(store::InterlinkId id, const v1::DirectoryPart& part) {
  const auto has_contact = [](const v1::DirectoryEntry& entry) {
    return !entry.contact().empty();
  };
  // Most parts have none, and a row is not copied for nothing.
  if (std::none_of(part.entries().begin(), part.entries().end(), has_contact)) {
    return;
  }
  ledger_.Submit(
      Subject::Link(id),
      [this, id, part](Transaction& transaction) {
        if (const Row* row = ledger_.interlinks().Find(id)) {
          AddTold(*row, part, transaction);
        }
        return absl::OkStatus();
      },
      // If this fails, the next part that names the host tells of it.
      [](const absl::Status&) {});
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
