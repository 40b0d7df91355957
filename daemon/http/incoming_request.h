#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

#include "daemon/http/browser_rule.h"
#include "daemon/http/http_message.h"
#include "daemon/http/request_target.h"

namespace interlink::daemon {

// One HTTP request while its header comes in, and what of it counts. Its body,
// if it has one, is not read.
//
// Threading: one thread.
class IncomingRequest {
 public:
  static constexpr size_t kMaxHeaderBytes = 8 * 1024;

  IncomingRequest();

  // Takes its part of `bytes`, which begin with what was not taken before;
  // returns how much that was.
  size_t Take(boost::asio::const_buffer bytes);
  bool has_begun() const { return parser_.got_some(); }
  bool is_whole() const { return target_.has_value(); }
  // Set if what came is no request.
  const std::optional<HttpRefusal>& unreadable() const { return unreadable_; }

  // Of a whole one, whose texts live as long as this.
  HttpRequest AskedAt(const boost::asio::ip::address& source) const;
  bool is_head() const;
  // Whether nothing that follows may be read as a request.
  bool is_last() const;
  // Why it is not answered: nullopt if it may be.
  std::optional<HttpRefusal> Check(const BrowserRule& rule) const;

 private:
  void ReadFields();
  // RFC 9112 3.2 and 6.3: what another program on the way could read otherwise
  // than we do is refused.
  bool IsAmbiguous() const;

  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  std::optional<HttpRefusal> unreadable_;
  std::optional<RequestTarget> target_;
  std::string_view accept_;
  std::string_view authorization_;
  std::string_view traceparent_;
  BrowserRule::Headers browser_;
  size_t hosts_ = 0;
  size_t authorizations_ = 0;
  size_t traceparents_ = 0;
  bool has_transfer_encoding_ = false;
};

}  // namespace interlink::daemon
