#include "daemon/config/mistakes.h"

namespace interlink::daemon {

void Mistakes::Add(const absl::Status& status) {
  if (!status.ok()) sentences_.push_back(std::string(status.message()));
}

void Mistakes::Add(const Mistakes& others) {
  sentences_.insert(sentences_.end(), others.sentences_.begin(),
                    others.sentences_.end());
}

std::string Mistakes::ToText() const {
  std::string text;
  for (const std::string& sentence : sentences_) {
    text += "interlinkd: " + sentence + "\n";
  }
  return text;
}

absl::Status Mistakes::ToStatus() const {
  if (empty()) return absl::OkStatus();
  std::string line;
  for (const std::string& sentence : sentences_) {
    line += (line.empty() ? "" : "; ") + sentence;
  }
  return absl::InvalidArgumentError(line);
}

}  // namespace interlink::daemon
