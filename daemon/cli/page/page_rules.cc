#include "daemon/cli/page/page_rules.h"

#include <boost/asio/ip/address.hpp>
#include <string>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/text.h"

namespace interlink::cli {
namespace {

using grpc::StatusCode;

bool AreDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The host of "host", "host:port" or "[address]:port"; empty if it is neither.
std::string_view HostOf(std::string_view authority) {
  const size_t end = authority.starts_with('[') ? authority.find(']') + 1
                                                : authority.find(':');
  const std::string_view host = authority.substr(0, end);
  const std::string_view rest = authority.substr(host.size());
  const bool has_port = rest.starts_with(':') && AreDigits(rest.substr(1));
  return rest.empty() || has_port ? host : std::string_view();
}

bool IsLoopback(std::string_view host) {
  if (LowerCase(host) == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return false;
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

PageRefusal NotPermitted(const std::string& sentence) {
  return {403, LocalFailure(StatusCode::PERMISSION_DENIED, "NOT_PERMITTED",
                            sentence)};
}

std::optional<PageRefusal> CheckSource(const PageRequest& request) {
  if (request.hosts != 1 || !request.target.starts_with('/')) {
    return PageRefusal{
        400, LocalFailure(StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                          "a request has one Host, and a target that begins "
                          "with /")};
  }
  if (!IsLoopback(HostOf(request.host))) {
    return NotPermitted(
        "the page is only at addresses of loopback and localhost; open the "
        "link that `interlinkctl page` printed");
  }
  const bool is_own =
      LowerCase(request.origin) == "http://" + LowerCase(request.host);
  if (request.origins > 1 || (request.origins == 1 && !is_own)) {
    return NotPermitted("another web page may not ask anything here");
  }
  return std::nullopt;
}

bool HasSession(const PageRequest& request, const Sessions& sessions) {
  constexpr std::string_view kBearer = "Bearer ";
  return request.authorization.starts_with(kBearer) &&
         sessions.Has(request.authorization.substr(kBearer.size()));
}

}  // namespace

std::optional<PageRefusal> CheckRequest(const PageRequest& request,
                                        const Sessions& sessions,
                                        PageTarget* target) {
  if (auto refusal = CheckSource(request)) return refusal;
  if (request.method == "GET" || request.method == "HEAD") {
    *target = PageTarget::kSite;
    return std::nullopt;
  }
  if (request.method != "POST") {
    return PageRefusal{
        405,
        LocalFailure(StatusCode::UNIMPLEMENTED, "REQUEST_INVALID",
                     "only GET, HEAD and POST are known here"),
        "GET, HEAD, POST"};
  }
  *target =
      request.target == "/session" ? PageTarget::kSession : PageTarget::kApi;
  if (*target == PageTarget::kSession || HasSession(request, sessions)) {
    return std::nullopt;
  }
  return PageRefusal{
      401, LocalFailure(StatusCode::UNAUTHENTICATED, "SESSION_UNKNOWN",
                        "this page has no session here, or a former one; press "
                        "Enter where `interlinkctl page` runs, and open the "
                        "new link")};
}

}  // namespace interlink::cli
