#include "daemon/cli/page/listen_address.h"

#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/text.h"

namespace interlink::cli {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// nullopt unless `text` is a number of 0 to 65535.
std::optional<uint16_t> PortIn(const std::string& text) {
  const bool is_number =
      !text.empty() && text.size() <= 5 &&
      text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoi(text) > 65535) return std::nullopt;
  return static_cast<uint16_t>(std::stoi(text));
}

std::optional<tcp::endpoint> EndpointIn(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = text.substr(0, colon);
  if (LowerCase(host) == "localhost") host = "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return std::nullopt;
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  const auto port = PortIn(text.substr(colon + 1));
  if (error || !port) return std::nullopt;
  return tcp::endpoint(address, *port);
}

// 127.x.y.z with x, y and z from 1 to 254, so that it is none of the addresses
// that programs of the system use (127.0.0.x), and no broadcast address.
asio::ip::address RandomLoopback() {
  std::array<unsigned char, 3> random{};
  // A machine without randomness must not pretend to have chosen.
  if (RAND_bytes(random.data(), random.size()) != 1) std::abort();
  asio::ip::address_v4::bytes_type bytes = {127};
  for (size_t i = 0; i < random.size(); ++i) bytes[i + 1] = random[i] % 254 + 1;
  return asio::ip::address_v4(bytes);
}

}  // namespace

grpc::Status ReadListenAddress(const std::string& text,
                               tcp::endpoint* endpoint) {
  const auto read = EndpointIn(text);
  if (!read) {
    return ListenInvalid(
        "--listen is an address of this machine, or localhost, and a port, "
        "such as 127.0.0.1:8080, not \"" +
        text + "\"");
  }
  if (!read->address().is_loopback()) {
    return ListenInvalid(
        "the page is served on loopback only, such as --listen "
        "127.0.0.1:8080; from another machine, forward that port by ssh -L "
        "8080:127.0.0.1:8080");
  }
  *endpoint = *read;
  if (*endpoint == tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    endpoint->address(RandomLoopback());
  }
  return grpc::Status::OK;
}

grpc::Status ListenInvalid(const std::string& sentence) {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "LISTEN_INVALID",
                      sentence);
}

std::string TextOf(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace interlink::cli
