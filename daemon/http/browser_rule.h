#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "daemon/http/http_message.h"
#include "federation/base/host.h"

namespace interlink::daemon {

// Refuses what a web page may have made somebody's browser ask (design.md
// section 17): the browser may stand where our doors are open.
//
// Such a request names another site's host, because the page's name was made to
// lead here (DNS rebinding), or says in a header which page it comes from. An
// address in place of a name cannot be rebound, so that the kubelet and
// Prometheus, which use the pod's, pass.
// A value.
class BrowserRule {
 public:
  // The headers of one request; nullopt: it has none.
  struct Headers {
    std::optional<std::string_view> host;
    bool has_origin = false;
    std::optional<std::string_view> sec_fetch_site;
  };

  // `names` are hosts that count as this daemon's, besides localhost.
  explicit BrowserRule(std::vector<federation::Host> names = {});

  // nullopt if the request may be answered.
  std::optional<HttpRefusal> Check(const Headers& headers) const;

 private:
  bool IsOurs(std::string_view host) const;

  std::vector<federation::Host> names_;
};

}  // namespace interlink::daemon
