#include "daemon/api/socket_places.h"

#include <algorithm>

namespace interlink::daemon {

std::optional<SocketPlaces::Id> SocketPlaces::Take(const std::string& user,
                                                   federation::SteadyTime now) {
  const Id id = ++last_id_;
  auto place = Try(id, user, now);
  if (!place && TakeFromGreediest(user)) place = Try(id, user, now);
  if (!place) return std::nullopt;
  taken_[id] = {.user = user, .place = *place};
  ++counts_[user];
  return id;
}

std::optional<ConnectionPlaces::Id> SocketPlaces::Try(
    Id id, const std::string& user, federation::SteadyTime now) {
  return places_.Take(user, now, [this, id] {
    Forget(id);
    close_(id);
  });
}

bool SocketPlaces::TakeFromGreediest(const std::string& user) {
  if (places_.taken() < kInAll || spoken_.empty()) return false;
  const auto greediest = std::max_element(
      spoken_.begin(), spoken_.end(), [](const auto& a, const auto& b) {
        return a.second.size() < b.second.size();
      });
  const auto spoken = spoken_.find(user);
  const size_t own = counts_.contains(user) ? counts_.at(user) : 0;
  const size_t silent =
      own - (spoken == spoken_.end() ? 0 : spoken->second.size());
  if (silent >= kSilentPerUser || greediest->second.size() <= own + 1) {
    return false;
  }
  const Id latest = *greediest->second.rbegin();
  Leave(latest);
  close_(latest);
  return true;
}

bool SocketPlaces::Settle(Id id) {
  const Place& place = taken_.at(id);
  std::set<Id>& spoken = spoken_[place.user];
  if (spoken.size() >= kSpokenPerUser) {
    Leave(id);
    return false;
  }
  places_.Settle(place.place);
  spoken.insert(id);
  return true;
}

void SocketPlaces::Leave(Id id) {
  const auto found = taken_.find(id);
  if (found == taken_.end()) return;
  places_.Leave(found->second.place);
  Forget(id);
}

void SocketPlaces::Forget(Id id) {
  const std::string user = taken_.extract(id).mapped().user;
  if (--counts_.at(user) == 0) counts_.erase(user);
  const auto found = spoken_.find(user);
  if (found == spoken_.end()) return;
  found->second.erase(id);
  if (found->second.empty()) spoken_.erase(found);
}

}  // namespace interlink::daemon
