#include "daemon/http/status_pages.h"

#include <memory>
#include <utility>

namespace interlink::daemon {
namespace {

HttpResponse Text(unsigned status, std::string body) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::make_shared<const std::string>(std::move(body))};
}

}  // namespace

StatusPages::StatusPages(Metrics metrics, std::function<bool()> is_ready,
                         std::function<bool()> has_new_settings)
    : metrics_(std::move(metrics)),
      is_ready_(std::move(is_ready)),
      has_new_settings_(std::move(has_new_settings)) {}

void StatusPages::Answer(const HttpRequest& request, Respond respond) {
  if (request.path != "/metrics") return respond(Page(request.path));
  metrics_([respond = std::move(respond)](std::string text) mutable {
    HttpResponse page = Text(200, std::move(text));
    page.content_type = "text/plain; version=0.0.4; charset=utf-8";
    respond(std::move(page));
  });
}

HttpResponse StatusPages::Page(std::string_view path) const {
  if (path == "/healthz") return Text(200, "ok\n");  // The loop answers.
  if (path == "/readyz") {
    if (!is_ready_()) return Text(503, "not ready\n");
    if (has_new_settings_()) return Text(200, "ready\n");
    return Text(200,
                "ready, with the settings of before: the latest reload was "
                "refused; `interlinkctl status` says why\n");
  }
  return Text(404, "only /metrics, /healthz and /readyz are here\n");
}

HttpResponse StatusPages::Refuse(const HttpRefusal& refusal,
                                 const boost::asio::ip::address& /*source*/) {
  return Text(refusal.status, refusal.sentence + "\n");
}

}  // namespace interlink::daemon
