#include "daemon/http/incoming_request.h"

#include <cstdint>
#include <limits>

namespace interlink::daemon {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using federation::Reason;

std::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

HttpRefusal Unreadable(const boost::system::error_code& error) {
  if (error == http::error::header_limit) {
    return {431, Reason::kRequestInvalid,
            "the header of a request has at most 8 KiB"};
  }
  return {400, Reason::kRequestInvalid, "not an HTTP request"};
}

}  // namespace

IncomingRequest::IncomingRequest() {
  parser_.header_limit(kMaxHeaderBytes);
  // It is not read. (Boost 1.74 takes "none" for none allowed.)
  parser_.body_limit(std::numeric_limits<uint64_t>::max());
}

size_t IncomingRequest::Take(boost::asio::const_buffer bytes) {
  boost::system::error_code error;
  const size_t taken = parser_.put(bytes, error);
  if (!error) {
    ReadFields();
  } else if (error != http::error::need_more) {
    unreadable_ = Unreadable(error);
  }
  return taken;
}

void IncomingRequest::ReadFields() {
  target_.emplace(View(parser_.get().target()));
  browser_.host = target_->host;
  for (const auto& field : parser_.get()) {
    const std::string_view value = View(field.value());
    switch (field.name()) {
      case http::field::host:
        ++hosts_;
        if (!browser_.host) browser_.host = value;
        break;
      case http::field::accept:
        accept_ = value;
        break;
      case http::field::authorization:
        ++authorizations_;
        authorization_ = value;
        break;
      case http::field::transfer_encoding:
        has_transfer_encoding_ = true;
        break;
      case http::field::origin:
        browser_.has_origin = true;
        break;
      default:
        // By name, because which of these Beast knows depends on its version.
        // One that names a page is enough, wherever it stands.
        if (beast::iequals(field.name_string(), "Sec-Fetch-Site") &&
            browser_.sec_fetch_site.value_or("none") == "none") {
          browser_.sec_fetch_site = value;
        } else if (beast::iequals(field.name_string(), "traceparent")) {
          ++traceparents_;
          traceparent_ = value;
        }
        break;
    }
  }
}

HttpRequest IncomingRequest::AskedAt(
    const boost::asio::ip::address& source) const {
  return {.path = target_->path,
          .query = target_->query,
          .accept = accept_,
          .authorization = authorization_,
          .traceparent = traceparents_ == 1 ? traceparent_ : "",
          .source = source};
}

bool IncomingRequest::is_head() const {
  return parser_.get().method() == http::verb::head;
}

bool IncomingRequest::is_last() const {
  const bool has_body = parser_.chunked() ||
                        parser_.content_length().value_or(0) > 0 ||
                        has_transfer_encoding_;
  return has_body || !parser_.keep_alive();
}

bool IncomingRequest::IsAmbiguous() const {
  return (has_transfer_encoding_ && !parser_.chunked()) || hosts_ > 1 ||
         (hosts_ == 0 && parser_.get().version() >= 11) || authorizations_ > 1;
}

std::optional<HttpRefusal> IncomingRequest::Check(
    const BrowserRule& rule) const {
  if (!is_head() && parser_.get().method() != http::verb::get) {
    return HttpRefusal{405, Reason::kRequestInvalid, "only GET and HEAD"};
  }
  if (IsAmbiguous()) {
    return HttpRefusal{400, Reason::kRequestInvalid,
                       "a request has one Host and one way to end"};
  }
  return rule.Check(browser_);
}

}  // namespace interlink::daemon
