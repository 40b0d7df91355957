#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace interlink::daemon {

// Cuts the bytes of a TCP connection into SIP messages (RFC 3261 section 18.3):
// a head, and a body of the length that the head says.
class SipStream {
 public:
  static constexpr size_t kMostBytes = 64 * 1024;  // Of one message.

  enum class Found {
    kNothing,  // Until more bytes are added.
    kMessage,  // head() and body_bytes().
    kPing,     // Two line ends between messages (RFC 5626 section 3.5.1).
    kGarbage,  // No end can be found, so the connection is of no use.
  };

  void Add(std::string_view bytes);

  // Takes the next one out.
  Found Next();

  // Of the message that Next() has found; holds until Add().
  std::string_view head() const { return head_; }
  size_t body_bytes() const { return body_bytes_; }
  // Whether nobody can tell where the next message begins: this one is to be
  // answered, and the connection closed.
  bool is_last() const { return is_last_; }

  // Whether part of a message has come. Line ends alone are none.
  bool has_begun() const;

 private:
  std::string_view rest() const {
    return std::string_view(bytes_).substr(start_);
  }
  Found FindMessage();

  std::string bytes_;
  size_t start_ = 0;    // Of what has not been taken out.
  size_t scanned_ = 0;  // Bytes from there on without an end of a head.
  size_t wanted_ = 0;   // Bytes of the message, once its head has come.
  std::string_view head_;
  size_t body_bytes_ = 0;
  bool is_last_ = false;
};

}  // namespace interlink::daemon
