#pragma once

#include <optional>
#include <string_view>

#include "daemon/cli/page/sessions.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// What the rules look at in a request: its first line, and of its headers those
// that say who asks. Texts live as long as the request.
struct PageRequest {
  std::string_view method;
  std::string_view target;
  int hosts = 0;  // How many Host headers there are.
  std::string_view host;
  int origins = 0;
  std::string_view origin;
  std::string_view authorization;
};

// Why a request is refused, over HTTP and in words.
struct PageRefusal {
  int status;
  grpc::Status why;
  const char* allow = nullptr;  // The Allow header of a 405.
};

// Who answers a request.
enum class PageTarget { kSite, kSession, kApi };

// The rules of the page's door (design.md section 18). A web page of somebody
// else, in the same browser, must get nothing: neither under a name that was
// made to lead here (DNS rebinding), nor by asking across origins, nor because
// a browser sends a cookie to any port. So Host is loopback, Origin is this
// page, and what counts is a header that only this page's own code sends.
//
// The port in Host may be any, because ssh may forward another one to this.
//
// Returns nullopt and sets `target` if the request may be answered.
std::optional<PageRefusal> CheckRequest(const PageRequest& request,
                                        const Sessions& sessions,
                                        PageTarget* target);

}  // namespace interlink::cli
