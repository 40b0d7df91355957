#include "tests/simulation/calls.h"

#include "tests/support/simulated_pbx.h"

namespace interlink::testing {
namespace {

using federation::SteadyTime;

// After this time whoever has a fresh route has heard what its owner has to say
// of calls: a lease, the longest way of a message, and some seconds in which
// introductions are merged.
constexpr std::chrono::seconds kHeard{30};
// Less than the life of a token, by more than a peer's clock is known wrong.
constexpr std::chrono::seconds kSurelyAlive{150};
// More than that life, by the same.
constexpr std::chrono::seconds kSurelyDead{210};
constexpr int kMostAdmissions = 8;

}  // namespace

void Calls::Started(size_t account) {
  runs_[account].start = time_.Now();
  const auto of_account = [account](const auto& known) {
    return known.first == account;
  };
  std::erase_if(open_, of_account);
  std::erase_if(shared_, of_account);
  const auto at_account = [account](const auto& known) {
    return known.first.first == account;
  };
  std::erase_if(paused_, at_account);
  std::erase_if(paused_by_peer_, at_account);
  std::erase_if(admissions_, at_account);
  store::Database& database = At(account).database();
  const auto observe = [this, account](store::Revision, const auto& changes) {
    for (const auto& change : changes) {
      Observe(account, change.key, change.value);
    }
  };
  stores_[account] =
      database.Follow("", {.on_commit = observe, .on_reset = [] {}});
  const auto entries = database.Scan("");
  for (const store::Entry& entry : entries.value()) {
    Observe(account, entry.key, entry.value);
  }
}

void Calls::Switched(size_t account) { runs_[account].switched = time_.Now(); }

void Calls::Observe(size_t account, const std::string& key,
                    const std::optional<std::string>& value) {
  const auto set = [](auto& all, const auto& one, bool is_in) {
    is_in ? all.insert(one).second : all.erase(one) > 0;
  };
  const auto since = [this](auto& all, const LinkAt& link, bool is_in) {
    if (is_in) {
      all.try_emplace(link, time_.Now());
    } else {
      all.erase(link);
    }
  };
  if (const auto id = store::ParseIdKey(store::kInterlinkPrefix, key)) {
    store::v1::InterlinkRecord record;
    if (value) record = *store::Decode<store::v1::InterlinkRecord>(*value);
    const LinkAt link{account, id->ToHex()};
    if (record.paused()) ever_paused_.insert(link);
    since(paused_, link, record.paused());
    since(paused_by_peer_, link, record.peer().paused());
    set(open_, link,
        record.state() == store::v1::ROW_STATE_ESTABLISHED && !record.paused());
  } else if (const auto number = store::ParseNumberKey(key)) {
    store::v1::NumberRecord record;
    if (value) record = *store::Decode<store::v1::NumberRecord>(*value);
    set(shared_, std::make_pair(account, number->ToString()),
        value && !record.private_() && !record.destination().empty());
  } else if (key == store::kAccountKey && value) {
    const auto record = *store::Decode<store::v1::AccountRecord>(*value);
    Run& run = runs_[account];
    if (run.secret != record.call_secret()) run.secret_changed = time_.Now();
    run.secret = record.call_secret();
  }
}

std::optional<Call> Calls::Over(
    size_t account, const std::string& number,
    const absl::StatusOr<api::Resolution>& answer) const {
  if (!answer.ok() || answer->source() != api::RESOLUTION_SOURCE_PEER) {
    return std::nullopt;
  }
  const api::Route& route = answer->routes(0);
  const auto id = *store::InterlinkId::FromHex(route.interlink_id());
  const federation::Row* row = At(account).account().interlinks().Find(id);
  if (row == nullptr) return std::nullopt;
  Call call{.caller = account,
            .owner = 0,
            .interlink_id = route.interlink_id(),
            .number = number,
            .is_fresh = !answer->stale(),
            .placed = time_.Now()};
  while (At(call.owner).identity().account_id() != row->peer()) ++call.owner;
  call.user = route.uri().substr(4, route.uri().find('@') - 4);
  return call;
}

bool Calls::IsDue(const Call& call) const {
  const Run& run = runs_.at(call.owner);
  const SteadyTime known_since = call.placed - kHeard;
  return call.is_fresh && time_.Now() - call.placed < kSurelyAlive &&
         IsOpen(call) && IsShared(call) &&
         AdmissionsOf(call) < kMostAdmissions &&
         !ever_paused_.contains({call.caller, call.interlink_id}) &&
         run.start < known_since && run.switched < known_since &&
         run.secret_changed < known_since;
}

bool Calls::IsPausedByCaller(const Call& call) const {
  const auto paused = paused_.find({call.caller, call.interlink_id});
  const auto told = paused_by_peer_.find({call.owner, call.interlink_id});
  return paused != paused_.end() && told != paused_by_peer_.end() &&
         paused->second <= told->second;
}

// The caller of a fresh route dates its token by a clock that the owner has
// told within the last lease, and the owner's clock is another after a start.
bool Calls::IsTooOld(const Call& call) const {
  return call.is_fresh && time_.Now() - call.placed > kSurelyDead &&
         runs_.at(call.owner).start < call.placed - kHeard;
}

void Calls::Ask(const Call& call, int question) {
  SimulatedAccount& owner = At(call.owner);
  if (!owner.is_running()) return;
  const auto answer = Authorize(
      owner, call.user, call.is_one_call ? "one" : std::to_string(question));
  const std::string what = "a call from " + At(call.caller).name() + " to " +
                           call.number + " of " + owner.name();
  if (!answer.ok()) {
    if (IsDue(call)) {
      violate_(what +
               " is not let in: " + std::string(answer.status().message()));
    }
    return;
  }
  if (answer->number() != call.number || !IsShared(call)) {
    violate_(what + " is let in, and the number is not shared");
  }
  if (call.user == call.number) {
    if (owner.settings.asks_for_call_tokens) {
      violate_(what + " is let in without a token");
    }
  } else if (!IsOpen(call) || answer->interlink_id() != call.interlink_id) {
    violate_(what + " is let in over a link that is gone, or paused");
  } else {
    LetIn(call, what);
  }
}

void Calls::LetIn(const Call& call, const std::string& what) {
  if (IsPausedByCaller(call)) {
    violate_(what + " is let in over a link that its caller has paused");
  }
  if (IsTooOld(call)) violate_(what + " is let in with an old token");
  if (++admissions_[{call.owner, call.user}] > kMostAdmissions) {
    violate_(what + " is let in with a token that was used up");
  }
}

}  // namespace interlink::testing
