#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace interlink::daemon {

// What is wrong with a configuration, one sentence each, in the order in which
// it was found. All mistakes are collected, so that an administrator can mend
// them before the next try. A value.
class Mistakes {
 public:
  void Add(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  // Adds the message of an error; nothing if `status` is OK.
  void Add(const absl::Status& status);
  void Add(const Mistakes& others);

  bool empty() const { return sentences_.empty(); }
  const std::vector<std::string>& sentences() const { return sentences_; }
  // Each as a line of standard error.
  std::string ToText() const;
  // OK if there are none, else INVALID_ARGUMENT with all of them in one line.
  absl::Status ToStatus() const;

 private:
  std::vector<std::string> sentences_;
};

}  // namespace interlink::daemon
