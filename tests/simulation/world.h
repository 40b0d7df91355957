#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/simulation/calls.h"
#include "tests/simulation/edits.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/plan.h"

namespace interlink::testing {

// Accounts under virtual time, each on a disk of its own, joined by a network,
// and what a plan does to them.
//
// Threading: one thread. The same plan runs the same way.
class World {
 public:
  explicit World(const Plan& plan);
  ~World();

  // The first violation, or empty.
  std::string Run();

  // What happened, a line each.
  const std::vector<std::string>& transcript() const { return transcript_; }

 private:
  // An older copy that can be put back.
  struct Copy {
    std::string directory;
    bool is_backup;
    uint64_t generation;
    size_t deletions;  // How many there had been.
  };

  void RunSteps();
  uint64_t Below(uint64_t end) { return engine_() % end; }
  SimulatedAccount& At(size_t account) { return *accounts_[account]; }
  void Note(const std::string& line);

  // Lets so much time pass.
  void Watch(federation::Duration pause);
  // Begins, and ends, to look at an account's store.
  void Watched(size_t account);
  void Unwatched(size_t account);
  void Start(size_t account);
  void Crash(size_t account);
  void CrashFailed();
  void MaybeCrash(SimulatedAccount& callee, uint64_t per_thousand);
  void Do(const Step& step);
  void DoFault(const Step& step);
  void DoLink(const Step& step);
  void Link(const Step& step);
  void Delete(const Step& step);
  void EditNumbers(const Step& step);
  void Resolve(const Step& step);
  void PlaceCall(const Step& step);
  void Copies(const Step& step);
  void PutBack(const Step& step);
  void Move(const Step& step);
  void Resume(size_t account);
  void EndFaults();

  const Plan& plan_;
  std::mt19937_64 engine_;
  VirtualTime time_;
  SimulatedNetwork network_{time_};
  Oracle::Accounts accounts_;
  Oracle oracle_{time_, network_, accounts_};
  Calls calls_{time_, accounts_,
               [this](const std::string& what) { oracle_.Violate(what); }};
  Edits edits_{accounts_,
               [this](const std::string& what) { oracle_.Violate(what); }};
  bool has_faults_ = true;
  int slowest_ = 1;  // Milliseconds that a message may take.
  int loss_ = 0;     // Of a thousand messages.
  std::vector<std::string> keys_;
  std::map<size_t, std::vector<Copy>> copies_;
  std::map<std::string, size_t> former_addresses_;
  int names_ = 0;
  std::vector<std::string> transcript_;
};

// `plan` without the steps that its violation does not need. Runs it at most
// `runs` times.
Plan Shrink(Plan plan, int runs);

}  // namespace interlink::testing
