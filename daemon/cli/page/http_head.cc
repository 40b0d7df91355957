#include "daemon/cli/page/http_head.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <cstdio>
#include <string_view>

namespace interlink::cli {
namespace {

// Code and styles come from files of this origin alone; nothing is loaded from,
// sent to or framed by anybody else; and no text is ever taken for HTML.
constexpr std::string_view kSafety =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'\r\n"
    "X-Frame-Options: DENY\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cache-Control: no-store\r\n";

}  // namespace

std::string HttpHead(int status, const Metadata& headers,
                     std::optional<size_t> size, bool must_close) {
  const auto phrase = boost::beast::http::obsolete_reason(
      static_cast<boost::beast::http::status>(status));
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(phrase.data(), phrase.size()).append("\r\n");
  for (const auto& [name, value] : headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  head.append(kSafety);
  if (must_close) head += "Connection: close\r\n";
  if (size) {
    head += "Content-Length: " + std::to_string(*size) + "\r\n";
  } else {
    head += "Transfer-Encoding: chunked\r\n";
  }
  return head + "\r\n";
}

std::string HttpChunk(const std::string& part) {
  if (part.empty()) return "";
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", part.size());
  return size.data() + part + "\r\n";
}

}  // namespace interlink::cli
