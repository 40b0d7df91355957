#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/simulated_account.h"

namespace interlink::testing {

// What administrators ask of numbers, and what they are answered: each answer
// is about what the edits before it have left, and is still true after a crash.
//
// Reads the stores, past the rules that are tested.
class Edits {
 public:
  using Accounts = std::vector<std::unique_ptr<SimulatedAccount>>;
  using Violate = std::function<void(const std::string&)>;

  struct Edit {
    enum class Kind { kAdd, kDelete, kSetPrivacy };
    Kind kind;
    std::string number;
    bool is_private;
  };

  Edits(const Accounts& accounts, Violate violate)
      : accounts_(accounts), violate_(std::move(violate)) {}

  // Asks the account for it; the answer comes later, if the account lives.
  void Begin(size_t account, const Edit& edit);

  void Started(size_t account);
  void Stopped(size_t account);
  // By an older copy, which is not bound by what was answered since.
  void PutBack(size_t account);

 private:
  // A number as its administrator knows it.
  struct Known {
    bool is_there = false;
    std::optional<bool> is_private;  // nullopt: either.
  };
  using Key = std::pair<size_t, std::string>;  // Whose, which number.

  static std::string StoreKey(const Key& key);
  void Answered(const Key& key, const Edit& edit, const absl::Status& status);
  // What the number is after that answer; nullopt if nobody knows.
  static std::optional<Known> After(const Edit& edit,
                                    const absl::Status& status);
  void CheckStored(const Key& key) const;

  const Accounts& accounts_;
  const Violate violate_;
  std::map<Key, Known> known_;  // Without those of which nobody knows.
  std::map<Key, int> asked_;    // Edits that are not answered.
};

}  // namespace interlink::testing
