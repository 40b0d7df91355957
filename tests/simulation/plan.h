#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace interlink::testing {

// One thing that an administrator does, or a fault.
enum class Act {
  kCrash,
  kFailSync,  // The next commit fails, and then the machine.
  kCut,       // One way.
  kCutBoth,
  kMend,
  kMendAll,
  kBreakSessions,
  kWeather,  // How the network treats messages from now on.
  kHold,     // Some calls stall,
  kRelease,  // until now.
  kSetClock,
  kGenerateKey,
  kLink,
  kDelete,
  kRename,
  kPause,
  kAddNumber,
  kDeleteNumber,
  kFlipPrivacy,
  kResolve,
  kCall,             // Over the first route, some time later.
  kSwitchAdmission,  // Between calls by token only and all calls.
  kBackUp,
  kSnapshot,
  kPutBack,  // A backup or a snapshot.
  kMove,     // To another address.
};

struct Step {
  Act act;
  uint32_t account;
  uint32_t other;
  uint64_t value;                   // What else there is to choose.
  std::chrono::milliseconds pause;  // After it.

  std::string ToString() const;
};

// What one run does; the same for the same seed.
struct Plan {
  uint64_t seed = 0;
  uint32_t accounts = 0;
  bool is_first_hidden = false;  // Behind a NAT.
  // Nothing crashes or is put back, so that what is wrong in memory stays so.
  bool is_steady = false;
  std::chrono::milliseconds slowest_sync{};  // What the disks may take.
  std::vector<Step> steps;

  // `accounts` of 0: 2 to 8, by the seed.
  static Plan FromSeed(uint64_t seed, uint32_t accounts);
};

}  // namespace interlink::testing
