#pragma once

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "federation/base/reason.h"

namespace interlink::daemon {

// One GET or HEAD, as far as the pages need it. The texts are the request's own
// bytes, and valid only until HttpPages::Answer() returns or has answered.
struct HttpRequest {
  std::string_view path;   // As it was sent, up to the "?".
  std::string_view query;  // What follows the "?".
  std::string_view accept;
  std::string_view authorization;
  std::string_view traceparent;  // Empty too if there are several.
  // IPv4 if it is an IPv4 address written as IPv6.
  boost::asio::ip::address source;
};

struct HttpResponse {
  unsigned status = 200;
  const char* content_type = nullptr;       // nullptr: none.
  std::shared_ptr<const std::string> body;  // nullptr: empty.
  std::vector<std::pair<std::string, std::string>> headers;
};

// Why the server answers a request without asking the pages for it.
struct HttpRefusal {
  unsigned status;
  federation::Reason reason;
  std::string sentence;  // For whoever reads the answer.
};

// `text` as the value of a header: what is not printable ASCII, and "%", is
// percent-encoded UTF-8, so that nothing in it can end the header.
std::string HeaderText(std::string_view text);

// What one HttpServer serves.
//
// Threading: the loop of the server. Lifetime: must outlive the server.
class HttpPages {
 public:
  using Respond = absl::AnyInvocable<void(HttpResponse)>;

  enum class Caller {
    kOwn,       // May ask.
    kGuest,     // May ask for less, from places of its own.
    kStranger,  // Is refused before its first byte is read.
  };

  virtual ~HttpPages() = default;

  virtual Caller CallerAt(const boost::asio::ip::address& source) const = 0;

  // `respond` is called once, from within this call or later on the loop. The
  // connection ends if it is destroyed without a call.
  virtual void Answer(const HttpRequest& request, Respond respond) = 0;

  // How a refusal is worded; called for each.
  virtual HttpResponse Refuse(const HttpRefusal& refusal,
                              const boost::asio::ip::address& source) = 0;
};

}  // namespace interlink::daemon
