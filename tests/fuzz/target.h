#pragma once

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace interlink::fuzz {

// What is done with one input: nothing may crash, and what a target claims with
// Require() has to hold, whatever the input.
using Target = std::function<void(std::string_view)>;

// The targets that are linked in, by name: one in a fuzzer, all in fuzz_test.
inline std::map<std::string, Target>& Targets() {
  static std::map<std::string, Target> targets;
  return targets;
}

struct Registration {
  Registration(std::string name, Target target) {
    Targets().emplace(std::move(name), std::move(target));
  }
};

// A crash is what a fuzzer looks for.
inline void Require(bool holds, std::string_view claim) {
  if (holds) return;
  std::cerr << "does not hold: " << claim << "\n";
  std::abort();
}

// The value of a step that cannot fail in a correct build.
template <class Result>
auto OrDie(Result result, std::string_view step) {
  if (!result.ok()) std::cerr << result.status() << "\n";
  Require(result.ok(), step);
  return *std::move(result);
}

}  // namespace interlink::fuzz
