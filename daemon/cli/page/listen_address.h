#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "grpcpp/support/status.h"

namespace interlink::cli {

// Reads what --listen says: HOST:PORT, where HOST is an address of loopback, or
// localhost for 127.0.0.1. The system chooses port 0.
//
// 127.0.0.1:0, the default, becomes a random address 127.x.y.z. So each start
// is an origin that nobody could foresee, and at which the browser has kept
// nothing of anybody else's, above all no service worker.
//
// Errors: INVALID_ARGUMENT (LISTEN_INVALID).
grpc::Status ReadListenAddress(const std::string& text,
                               boost::asio::ip::tcp::endpoint* endpoint);

// INVALID_ARGUMENT (LISTEN_INVALID).
grpc::Status ListenInvalid(const std::string& sentence);

// "127.0.0.1:43211", "[::1]:43211".
std::string TextOf(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace interlink::cli
