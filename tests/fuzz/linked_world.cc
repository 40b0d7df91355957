#include "tests/fuzz/linked_world.h"

#include <chrono>
#include <vector>

#include "store/records.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr int kInputsPerWorld = 1000;

void RequireOk(const absl::Status& status, std::string_view step) {
  if (!status.ok()) std::cerr << status << "\n";
  Require(status.ok(), step);
}

}  // namespace

LinkedWorld& LinkedWorld::Fresh() {
  // Never destroyed at exit: the engine's own statics may be gone by then.
  static LinkedWorld* world = nullptr;
  static int inputs = 0;
  if (world == nullptr || ++inputs == kInputsPerWorld) {
    inputs = 0;
    delete world;
    world = new LinkedWorld();
  }
  return *world;
}

LinkedWorld::LinkedWorld() {
  mike.settings.redeem_limit = 0;
  mike.settings.redeem_limit_total = 0;
  mike.settings.max_mirrored_numbers_per_link = 40;
  mike.settings.max_mirrored_numbers = 100;
  mike.account().Reload(mike.settings);
  for (const char* number : {"201", "202", "203", "204"}) {
    RequireOk(mike.AddNumber(number), "Mike adds a number");
  }
  RequireOk(mike.AddNumber("299", true), "Mike adds a private number");
  RequireOk(tim.AddNumber("301"), "Tim adds a number");
  Link(john, johns_link);
  Link(tim, tims_link);
  pending_key =
      OrDie(federation::AuthorizationKey::Parse(OrDie(
                mike.GenerateKey("Somebody", 0s), "Mike generates a key")),
            "it is a key");
  time.Advance(5s);
  john.Crash();
  eve.Crash();
  time.Advance(1s);
  at_first_ = ReadAll();
}

void LinkedWorld::Link(testing::SimulatedAccount& peer,
                       store::InterlinkId& id) {
  const std::string key =
      OrDie(mike.GenerateKey(peer.name()), "Mike generates a key");
  OrDie(peer.Link("Mike", key), "the peer enters it");
  id = *store::InterlinkId::FromHex(mike.Row(peer.name())->id());
}

LinkedWorld::Contents LinkedWorld::Read(std::string_view prefix) {
  Contents contents;
  for (auto& entry : OrDie(mike.database().Scan(prefix), "the store reads")) {
    contents.emplace(std::move(entry.key), std::move(entry.value));
  }
  return contents;
}

LinkedWorld::Contents LinkedWorld::ReadAll() {
  Contents all;
  for (const auto prefix :
       {store::kInterlinkPrefix, store::kTombstonePrefix, store::kOutboxPrefix,
        store::kNumberPrefix, store::kDirectoryKey}) {
    all.merge(Read(prefix));
  }
  return all;
}

void LinkedWorld::PutBack() {
  const std::string johns_row = store::InterlinkKey(johns_link);
  RequireOk(mike.database().Commit({}, {store::Op::Delete(johns_row)}).status(),
            "John's row is deleted");
  time.Advance(5ms);
  Contents now = ReadAll();
  std::vector<store::Op> ops;
  for (const auto& [key, value] : at_first_) {
    const auto found = now.find(key);
    if (found == now.end() || found->second != value) {
      ops.push_back(store::Op::Put(key, value));
    }
    now.erase(key);
  }
  for (const auto& [key, value] : now) ops.push_back(store::Op::Delete(key));
  RequireOk(mike.database().Commit({}, ops).status(), "the rest is put back");
  time.Advance(5ms);
}

bool LinkedWorld::AreNumbersUntouched() {
  Contents now = Read(store::kNumberPrefix);
  now.merge(Read(store::kDirectoryKey));
  for (const auto& [key, value] : now) {
    const auto found = at_first_.find(key);
    if (found == at_first_.end() || found->second != value) return false;
  }
  return mike.account().numbers().size() == 5 && now.size() == 6;
}

std::map<store::InterlinkId, store::AccountId> LinkedWorld::Links() {
  std::map<store::InterlinkId, store::AccountId> links;
  for (const auto& [id, row] : mike.account().interlinks().rows()) {
    if (row.Is(store::v1::ROW_STATE_ESTABLISHED)) links[id] = row.peer();
  }
  return links;
}

}  // namespace interlink::fuzz
