#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace interlink::testing {

// Two sockets that are connected: ours, and that of a client.
class SocketPair {
 public:
  static SocketPair Unix() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()),
              0);
    return {ends[0], ends[1]};
  }
  // Over loopback.
  static SocketPair Tcp() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const at = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener, at, size), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    EXPECT_EQ(getsockname(listener, at, &size), 0);
    const int theirs = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(theirs, at, size), 0);
    const int ours = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    EXPECT_GE(ours, 0);
    close(listener);
    return {ours, theirs};
  }
  ~SocketPair() {
    close(ours_);
    close(theirs_);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  int ours() const { return ours_; }

  // Sends to the client until no more can be sent.
  void Fill() const {
    const std::array<char, 1024> bytes{};
    while (send(ours_, bytes.data(), bytes.size(),
                MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
  }
  // The client reads something.
  void Read() const {
    std::array<char, 4096> bytes;
    EXPECT_GT(recv(theirs_, bytes.data(), bytes.size(), MSG_DONTWAIT), 0);
  }
  // Whether the client sees that the connection has ended, unread bytes or not.
  bool IsHungUp() const {
    pollfd polled{.fd = theirs_, .events = POLLRDHUP, .revents = 0};
    return poll(&polled, 1, 0) == 1;
  }

 private:
  SocketPair(int ours, int theirs) : ours_(ours), theirs_(theirs) {}

  const int ours_;
  const int theirs_;
};

}  // namespace interlink::testing
