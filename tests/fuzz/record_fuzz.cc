// Records in the store that no daemon of ours wrote. What is damaged may be
// refused, or taken for what it says; it must not bring the daemon down.

#include <array>
#include <chrono>
#include <memory>

#include "federation/ledger/interlink_view.h"
#include "rocksdb/env.h"
#include "store/records.h"
#include "store/rocksdb/database.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/target.h"
#include "tests/support/no_peers.h"
#include "tests/support/simulated_account.h"
#include "tests/support/virtual_writer.h"

namespace interlink::fuzz {
namespace {

using std::chrono_literals::operator""min;
using federation::Account;
using federation::Identity;

constexpr int kMostRecords = 6;
constexpr int kInputsPerStore = 2000;

template <class Record>
void Decode(const std::string& bytes) {
  const auto record = store::Decode<Record>(bytes);
  if (!record.ok()) return;
  const auto again = store::Decode<Record>(store::Encode(*record));
  Require(
      again.ok() && again->SerializeAsString() == record->SerializeAsString(),
      "a record reads back as it is written");
}

void DecodeAsEach(const std::string& bytes) {
  Decode<store::v1::FormatRecord>(bytes);
  Decode<store::v1::AccountRecord>(bytes);
  Decode<store::v1::InterlinkRecord>(bytes);
  Decode<store::v1::OutboxRecord>(bytes);
  Decode<store::v1::NumberRecord>(bytes);
  Decode<store::v1::EventRecord>(bytes);
  Decode<store::v1::DirectoryRecord>(bytes);
  Decode<store::v1::StartsRecord>(bytes);
}

std::string KeyFrom(Input& input) {
  const auto id = *store::InterlinkId::FromBytes(
      std::string(16, static_cast<char>('a' + input.Below(3))));
  switch (input.Below(9)) {
    case 0:
      return store::InterlinkKey(id);
    case 1:
      return store::TombstoneKey(id);
    case 2:
      return store::OutboxKey(id);
    case 3:
      return store::NumberKey(
          *store::InternalNumber::Parse(std::to_string(input.Byte())));
    case 4:
      return store::EventKey(1 + input.Below(8));
    case 5:
      return std::string(store::kDirectoryKey);
    case 6:
      return std::string(store::kStartsKey);
    case 7:
      return std::string(store::kAccountKey);
    default:
      return std::string(store::kFormatKey);
  }
}

// A store that an account was made in, and nothing else.
class Store {
 public:
  static Store& Fresh() {
    // Never destroyed at exit: the engine's own statics may be gone by then.
    static Store* store = nullptr;
    static int inputs = 0;
    if (store == nullptr || ++inputs == kInputsPerStore) {
      inputs = 0;
      delete store;
      store = new Store();
    }
    return *store;
  }

  Store()
      : disk_(rocksdb::NewMemEnv(rocksdb::Env::Default())),
        database_(OrDie(store::OpenRocksDb("/store", disk_.get(),
                                           testing::VirtualWriter::WorkplaceOf(
                                               time_, loop_of_store_)),
                        "it opens")),
        randomness_(1) {
    OrDie(Identity::LoadOrCreate(*database_, randomness_, time_.WallNow()),
          "an account is made");
    at_first_ = OrDie(database_->Scan(""), "it reads");
  }

  void Put(std::map<std::string, std::string> records) {
    std::vector<store::Op> ops;
    ops.reserve(records.size());
    for (auto& [key, value] : records) {
      ops.push_back(store::Op::Put(key, std::move(value)));
    }
    OrDie(database_->Commit({}, ops), "it writes");
  }

  // Opens the account and lets it live for a while.
  void Run() {
    const auto identity =
        Identity::LoadOrCreate(*database_, randomness_, time_.WallNow());
    if (!identity.ok()) return;
    testing::VirtualLoop loop(time_);
    testing::NoPeers peers(loop);
    federation::AccountSettings settings;
    settings.addresses = {"mike.test:7443"};
    auto opened = Account::Open(settings, *identity, *database_, loop,
                                randomness_, peers);
    if (!opened.ok()) return;
    Account& account = **opened;
    time_.Advance(1min);
    Use(account);
    time_.Advance(1min);
  }

  void PutBack() {
    std::map<std::string, std::optional<std::string>> changes;
    for (auto& entry : OrDie(database_->Scan(""), "it reads")) {
      changes[entry.key] = std::nullopt;
    }
    for (const auto& entry : at_first_) changes[entry.key] = entry.value;
    std::vector<store::Op> ops;
    ops.reserve(changes.size());
    for (auto& [key, value] : changes) ops.push_back({key, value});
    OrDie(database_->Commit({}, ops), "it writes");
  }

 private:
  // As its administrator and his PBX do.
  static void Use(Account& account) {
    testing::api::ListInterlinksRequest all;
    all.set_show_removed(true);
    ListInterlinks(account.interlinks(), all).status().IgnoreError();
    account.numbers().List({}).status().IgnoreError();
    account.events().List({}).status().IgnoreError();
    account.Describe();
    for (int number = 0; number < 256; number += 51) {
      testing::api::ResolveRequest request;
      request.set_number(std::to_string(number));
      if (!account.resolver().AnswerAtOnce(request)) {
        account.resolver().AskPeers(request, [](const auto&) {});
      }
    }
    testing::api::GenerateKeyRequest key;
    key.set_name("new");
    account.issuer().GenerateKey(key, [](const auto&) {});
    std::vector<std::string> ids;
    for (const auto& [id, row] : account.interlinks().rows()) {
      ids.push_back(id.ToHex());
      testing::api::ShowKeyRequest show;
      show.set_id(id.ToHex());
      account.issuer().ShowKey(show).status().IgnoreError();
    }
    for (const std::string& id : ids) {
      account.removals().DeleteInterlink(id, [](const auto&) {});
    }
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_of_store_{time_};  // An account has its own.
  std::unique_ptr<rocksdb::Env> disk_;
  std::unique_ptr<store::Database> database_;
  testing::SeededRandomness randomness_;
  std::vector<store::Entry> at_first_;
};

const Registration kRecordTarget("record", [](std::string_view bytes) {
  Input input(bytes);
  std::map<std::string, std::string> records;
  for (int i = 0; i < kMostRecords && !input.empty(); ++i) {
    const std::string key = KeyFrom(input);
    records[key] = input.Block();
    DecodeAsEach(records[key]);
  }
  Store& store = Store::Fresh();
  store.Put(std::move(records));
  store.Run();
  store.PutBack();
});

}  // namespace
}  // namespace interlink::fuzz
