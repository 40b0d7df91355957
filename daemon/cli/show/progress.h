#pragma once

#include <cstdint>
#include <string>

#include "daemon/cli/show/console.h"

namespace interlink::cli {

// One line of standard error that is rewritten in place while something takes
// long, and erased at the end. Nothing is shown unless that is a terminal.
//
// Threading: one thread. Lifetime: the console must outlive it.
class Progress {
 public:
  explicit Progress(const Console& console) : console_(console) {}
  ~Progress() { Show(""); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const std::string& line) const;

 private:
  const Console& console_;
};

// "[#####     ] 50 %  "; empty if `total` is 0, because it is not known.
std::string ProgressBar(int64_t done, int64_t total);

}  // namespace interlink::cli
