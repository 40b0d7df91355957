#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "federation/account.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/restore.h"
#include "tests/support/awaited_account.h"
#include "tests/support/crash_env.h"
#include "tests/support/noted_database.h"
#include "tests/support/seeded_randomness.h"
#include "tests/support/simulated_identity.h"
#include "tests/support/simulated_network.h"
#include "tests/support/virtual_time.h"

// Whole accounts in one process, under virtual time, joined by a network that
// does what the test tells it.
namespace interlink::testing {

namespace api = ::interlink::v1;

// One account: its disk survives Crash(), all else does not.
class SimulatedAccount final : public AwaitedAccount {
 public:
  // `name` is also its host ("john.test:7443" for "John"). What is random in it
  // depends on `seed` and the name.
  SimulatedAccount(VirtualTime& time, SimulatedNetwork& network,
                   std::string name, uint64_t seed = 0);
  ~SimulatedAccount();

  void Start();  // If its disk fails meanwhile, again.
  // Like kill -9, and a power cut: what was not answered may be lost.
  void Crash();
  bool is_running() const { return account_ != nullptr; }

  // A copy that Backup makes, and how it is put back; the generation's file
  // stays.
  absl::StatusOr<std::string> BackUp();
  void Restore(const std::string& backup,
               store::RestoreMode mode = store::RestoreMode::kSameAccount);
  // A copy of the files, made by a restart, and how it is put back, together
  // with the file with the generation or without.
  std::string Snapshot();
  enum class GenerationFile { kKept, kPutBack };
  void PutBack(const std::string& snapshot, GenerationFile file);

  // The administrator's actions.
  using AwaitedAccount::GenerateKey;
  absl::StatusOr<std::string> GenerateKey(
      const std::string& name,
      std::optional<std::chrono::seconds> life = std::nullopt);
  absl::StatusOr<api::Interlink> Link(
      const std::string& name, const std::string& key,
      std::chrono::seconds wait = std::chrono::seconds(15));
  // Waits until the key is entered; the result comes to the pointer.
  std::shared_ptr<std::optional<absl::StatusOr<api::Interlink>>> BeginLink(
      const std::string& name, const std::string& key,
      std::chrono::seconds wait = std::chrono::seconds(15));
  absl::Status Delete(const std::string& name);
  absl::Status Rename(const std::string& from, const std::string& to);
  absl::Status SetPaused(const std::string& name, bool paused);
  absl::Status SetPriority(const std::string& name, int priority);
  absl::Status AddNumber(const std::string& number, bool is_private = false,
                         const std::string& destination = "sip:x@10.0.0.1");
  absl::Status SetPrivate(const std::string& number, bool is_private);
  absl::StatusOr<api::Resolution> Resolve(const std::string& number,
                                          bool bypass_mirror = false);

  // What it shows to peers, as caller and as callee, by the other's clock.
  federation::PeerCaller AsCaller();
  absl::Status Show(const federation::PeerPin& pin, const SimulatedAccount& to);

  federation::WallTime Clock() const;  // Its machine's, which may be wrong.
  void SetClockError(federation::Duration error);
  // What the administrator sees.
  std::vector<api::Interlink> Rows(bool removed = false) const;
  std::vector<std::string> Names() const;
  std::optional<api::Interlink> Row(const std::string& name) const;
  std::vector<std::string> EventKinds() const;

  federation::Account& account() override { return *account_; }
  const federation::Identity& identity() const { return *identity_; }
  store::Database& database() { return *database_; }
  const std::string& name() const { return name_; }
  std::string address() const;
  CrashEnv& disk() { return disk_; }
  uint64_t noted_generation() const { return generation_file_; }
  // Keys that were being written when it stopped.
  const std::set<std::string>& left_open() const { return left_open_; }

  federation::AccountSettings settings;

 private:
  friend class SimulatedPeerClient;
  absl::Status TryStart();

  SimulatedNetwork& network_;
  const std::string name_;
  CrashEnv disk_;
  int copies_ = 0;
  federation::Duration clock_error_{};
  uint64_t generation_file_ = 0;  // What is in it.
  std::map<std::string, uint64_t> generation_of_snapshot_;
  SeededRandomness randomness_;
  std::unique_ptr<VirtualLoop> loop_;
  UnderWay under_way_;
  std::set<std::string> left_open_;
  std::unique_ptr<store::Database> database_;
  SimulatedIdentity identity_;
  std::unique_ptr<federation::PeerClient> peers_;
  std::unique_ptr<federation::Account> account_;
  std::unique_ptr<federation::Observers<uint64_t>::Subscription> generations_;
};

}  // namespace interlink::testing
