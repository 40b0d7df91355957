#include "daemon/cli/show/progress.h"

#include <algorithm>

namespace interlink::cli {

void Progress::Show(const std::string& line) const {
  if (!console_.err_is_terminal) return;
  // "\x1b[2K" erases the line.
  console_.err << "\r\x1b[2K" << line << std::flush;
}

std::string ProgressBar(int64_t done, int64_t total) {
  constexpr int64_t kWidth = 30;
  if (total <= 0) return "";
  done = std::min(done, total);
  std::string bar(static_cast<size_t>(done * kWidth / total), '#');
  bar.resize(kWidth, ' ');
  return "[" + bar + "] " + std::to_string(done * 100 / total) + " %  ";
}

}  // namespace interlink::cli
