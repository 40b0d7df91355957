#pragma once

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "daemon/http/http_message.h"

namespace interlink::daemon {

// /metrics, /healthz and /readyz, for Prometheus and the kubelet.
//
// Threading: the loop of its server.
class StatusPages final : public HttpPages {
 public:
  // Gives the page, from within the call or later.
  using Metrics = std::function<void(absl::AnyInvocable<void(std::string)>)>;

  // `has_new_settings`: no reload was refused since they were last read. What
  // is served with older ones is as ready as before, but /readyz says it.
  StatusPages(Metrics metrics, std::function<bool()> is_ready,
              std::function<bool()> has_new_settings);

  Caller CallerAt(const boost::asio::ip::address&) const override {
    return Caller::kOwn;
  }
  void Answer(const HttpRequest& request, Respond respond) override;
  HttpResponse Refuse(const HttpRefusal& refusal,
                      const boost::asio::ip::address& source) override;

 private:
  HttpResponse Page(std::string_view path) const;

  const Metrics metrics_;
  const std::function<bool()> is_ready_;
  const std::function<bool()> has_new_settings_;
};

}  // namespace interlink::daemon
