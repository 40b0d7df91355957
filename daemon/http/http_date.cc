#include "daemon/http/http_date.h"

#include <ctime>

namespace interlink::daemon {

const std::string& HttpDate::At(federation::WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (!text_.empty() && second == second_) return text_;
  second_ = second;
  const std::time_t time = std::chrono::system_clock::to_time_t(second);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  text_.assign(text, std::strftime(text, sizeof(text),
                                   "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text_;
}

}  // namespace interlink::daemon
