#include "store/failpoint.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <string>

namespace interlink::store {
namespace {

struct Armed {
  size_t index = std::size(kFailpoints);  // None.
  int hit = 0;                            // Which passing of it counts.
  int signal = SIGKILL;                   // 0: hang.
};

Armed armed;               // Written once, before there are threads.
std::atomic<int> hits{0};  // Passings of the armed one.

absl::Status Malformed(const std::string& text) {
  std::string names;
  for (const std::string_view name : kFailpoints) {
    names += "\n  " + std::string(name);
  }
  return absl::InvalidArgumentError(
      "INTERLINK_FAILPOINT is \"" + text +
      "\", which is not NAME:HIT:kill, :stop or :hang; the names are" + names);
}

// Removes the part before the next colon, and the colon, from `text`.
std::string_view TakePart(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find(':'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

}  // namespace

void PassFailpoint(Failpoint point) {
  if (point.index() != armed.index || ++hits != armed.hit) return;
  while (armed.signal == 0) pause();
  // This thread goes no further, as kill() would allow it to for a moment.
  raise(armed.signal);
}

absl::Status ArmFailpoint() {
  const char* const variable = std::getenv("INTERLINK_FAILPOINT");
  if (variable == nullptr) return absl::OkStatus();
  std::string_view rest = variable;
  const std::string_view name = TakePart(rest);
  const std::string_view hit = TakePart(rest);
  Armed read;
  read.index = static_cast<size_t>(
      std::find(std::begin(kFailpoints), std::end(kFailpoints), name) -
      std::begin(kFailpoints));
  const auto end = hit.data() + hit.size();
  const auto number = std::from_chars(hit.data(), end, read.hit);
  if (rest == "stop") read.signal = SIGSTOP;
  if (rest == "hang") read.signal = 0;
  if (read.index == std::size(kFailpoints) || number.ec != std::errc() ||
      number.ptr != end || read.hit < 1 ||
      (rest != "kill" && rest != "stop" && rest != "hang")) {
    return Malformed(variable);
  }
  armed = read;
  hits = 0;
  return absl::OkStatus();
}

}  // namespace interlink::store
