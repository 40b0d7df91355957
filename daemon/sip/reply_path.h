#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace interlink::daemon {

// The way back to whoever sent a SIP message.
//
// Threading: the thread that received the message.
class ReplyPath {
 public:
  virtual ~ReplyPath() = default;

  // Sends, or drops what cannot be sent. `port` counts for UDP alone; its
  // answers leave from the address that the message came to.
  virtual void Send(std::string_view text, uint16_t port) = 0;
  // The same way, for as long as somebody may want it. Sending is in vain once
  // the connection has ended.
  virtual std::shared_ptr<ReplyPath> Keep() = 0;
};

}  // namespace interlink::daemon
