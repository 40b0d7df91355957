#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "federation/base/settings.h"
#include "federation/identity/identity.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/authorization_key.h"
#include "store/rocksdb/database.h"
#include "tests/support/awaited.h"
#include "tests/support/crash_env.h"
#include "tests/support/seeded_randomness.h"
#include "tests/support/virtual_writer.h"

namespace interlink::federation {

// The identity and the ledger of an account without the rest of it, so that
// only the class under test acts on its rows.
class BareLedger : public ::testing::Test {
 protected:
  BareLedger() { Reopen(); }

  // As at a start. What refers to the ledger has to be made anew.
  void Reopen() {
    ledger_.reset();
    ledger_ = *Ledger::Open(identity_, *database_, randomness_, loop_);
  }

  template <class Id>
  static Id IdOf(char c) {
    return *Id::FromBytes(std::string(16, c));
  }
  // A key of an issuer whose account and root are named by that letter, too.
  static AuthorizationKey Key(char id, char issuer) {
    return {.interlink_id = IdOf<store::InterlinkId>(id),
            .secret = std::string(32, id),
            .issuer_account_id = IdOf<store::AccountId>(issuer),
            .issuer_root_spki_sha256 = std::string(32, issuer),
            .addresses = {"a.test:1", "b.test:1"},
            .expire_time = {}};
  }
  // The row of such a key that was entered here, as KeyEntry makes it.
  static store::v1::InterlinkRecord Entered(const AuthorizationKey& key,
                                            const std::string& name) {
    store::v1::InterlinkRecord record;
    record.set_id(key.interlink_id.ToBytes());
    record.set_name(name);
    record.set_state(store::v1::ROW_STATE_LINKING);
    record.set_priority(kDefaultPriority);
    record.mutable_peer()->set_account_id(key.issuer_account_id.ToBytes());
    record.mutable_peer()->set_root_spki_sha256(key.issuer_root_spki_sha256);
    for (const std::string& address : key.addresses) {
      record.mutable_peer()->add_addresses(address);
    }
    record.mutable_entered_key()->set_key(key.ToBytes());
    record.mutable_entered_key()->set_proof_key(ProofKey(key.secret));
    record.mutable_entered_key()->set_redeem_id(std::string(16, 'r'));
    return record;
  }

  void Insert(const store::v1::InterlinkRecord& record) {
    Transaction transaction(ledger_->WallNow());
    transaction.Insert(record);
    ASSERT_TRUE(ledger_->CommitAtStart(transaction.Take()).ok());
  }
  void Bury(const std::string& name) {
    Transaction transaction(ledger_->WallNow());
    transaction.Bury(Named(name), store::v1::REMOVAL_CAUSE_DELETED_HERE);
    ASSERT_TRUE(ledger_->CommitAtStart(transaction.Take()).ok());
  }

  Interlinks& interlinks() { return ledger_->interlinks(); }
  const Row& Named(const std::string& name) {
    return *interlinks().FindByName(name);
  }
  // Of the rows, in the order of their ids.
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& [id, row] : interlinks().rows()) {
      names.push_back(row.record.name());
    }
    return names;
  }
  store::v1::InterlinkRecord TombstoneOf(char id) {
    const auto found =
        *interlinks().FindTombstone(IdOf<store::InterlinkId>(id));
    return found ? *found : store::v1::InterlinkRecord();
  }
  // The newest first.
  std::vector<std::string> EventKinds() {
    std::vector<std::string> kinds;
    const auto listed = *ledger_->events().List({});
    for (const auto& event : listed.events()) kinds.push_back(event.kind());
    return kinds;
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{1};
  testing::CrashEnv disk_;
  std::unique_ptr<store::Database> database_ = *store::OpenRocksDb(
      "/store", &disk_,
      testing::VirtualWriter::WorkplaceOf(
          time_, loop_,
          [this] {
            return disk_.sync_takes ? disk_.sync_takes() : Duration::zero();
          },
          [] { return Duration::zero(); }));
  Identity identity_ =
      *Identity::LoadOrCreate(*database_, randomness_, time_.WallNow());
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace interlink::federation
