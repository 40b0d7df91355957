#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/sip/reply_path.h"
#include "daemon/sip/sip_source.h"
#include "daemon/sip/sip_stream.h"
#include "daemon/system/deadline.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// One TCP connection of a PBX, over which it sends any number of requests.
//
// It is closed when nothing has come 5 s after it was made, when a message that
// has begun does not end within that time, or when answers are not taken within
// 15 s. In between it may be idle for as long as the PBX likes.
//
// Threading: the thread of the socket and of `loop`. Shared with what Asio has
// queued. Lifetime: `loop` must outlive it.
class SipConnection final : public ReplyPath,
                            public std::enable_shared_from_this<SipConnection> {
 public:
  // Whoever accepted it.
  class Owner {
   public:
    virtual ~Owner() = default;
    // A message: its head, and how long its body is.
    virtual void Received(SipConnection& connection, std::string_view head,
                          size_t body_bytes) = 0;
    // What came is no SIP; the connection closes.
    virtual void Garbage(SipConnection& connection) = 0;
    // Called by the destructor.
    virtual void Ended(SipConnection& connection) = 0;
  };

  SipConnection(boost::asio::ip::tcp::socket socket, const SipSource& source,
                Owner& owner, federation::EventLoop& loop);
  ~SipConnection() override;

  void Start();
  void Close();
  // Closes it, and forgets the owner, who ends.
  void Abandon();
  const SipSource& source() const { return source_; }

  void Send(std::string_view text, uint16_t port) override;
  std::shared_ptr<ReplyPath> Keep() override;

 private:
  class WeakPath;

  void Read();
  void TakeIn(size_t count);
  // False if the connection is of no further use.
  bool HandleMessages();
  void ExpectMore();
  void Write();
  void Finish();
  void Discard();

  boost::asio::ip::tcp::socket socket_;
  const SipSource source_;
  Owner* owner_;
  federation::EventLoop& loop_;
  std::unique_ptr<federation::EventLoop::Timer> patience_;
  Deadline unsent_;  // Of writing_.
  std::array<char, 8 * 1024> buffer_;
  SipStream stream_;
  std::string waiting_;  // To be written after writing_.
  std::string writing_;
  bool is_writing_ = false;
  bool is_reading_ = false;
  bool is_finishing_ = false;
};

}  // namespace interlink::daemon
