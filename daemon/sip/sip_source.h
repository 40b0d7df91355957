#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>

namespace interlink::daemon {

// Where a SIP message came from. A value.
struct SipSource {
  boost::asio::ip::address address;  // As PlainAddress() has it.
  uint16_t port = 0;
  bool is_stream = false;  // By TCP: nothing is lost, and nothing repeated.
};

}  // namespace interlink::daemon
