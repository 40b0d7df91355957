#include "daemon/http/request_target.h"

namespace interlink::daemon {

RequestTarget::RequestTarget(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (target.starts_with(kScheme)) {
    target.remove_prefix(kScheme.size());
    host = target.substr(0, target.find_first_of("/?"));
    target.remove_prefix(host->size());
  }
  path = target.substr(0, target.find('?'));
  if (path.size() < target.size()) query = target.substr(path.size() + 1);
}

}  // namespace interlink::daemon
