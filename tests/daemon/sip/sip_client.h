#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/daemon/running_daemon.h"

namespace interlink::daemon {

// A socket of a PBX that may do anything. It hears only the address that it
// asks.
class SipClient {
 public:
  enum class By { kUdp, kTcp };

  // `server` is where it asks; `from` is its own address.
  SipClient(By by, const std::string& server_address,
            const std::string& server = "127.0.0.1",
            const std::string& from = "127.0.0.1")
      : socket_(socket(
            AF_INET, (by == By::kUdp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC,
            0)) {
    const sockaddr_in own = At(from, 0);
    EXPECT_EQ(
        bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof(own)), 0);
    const sockaddr_in to =
        At(server,
           std::atoi(
               server_address.substr(server_address.rfind(':') + 1).c_str()));
    EXPECT_EQ(
        connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)),
        0);
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~SipClient() { close(socket_); }
  SipClient(const SipClient&) = delete;
  SipClient& operator=(const SipClient&) = delete;

  bool Send(const std::string& text) const {
    return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  // A datagram, or what a connection has brought; empty if it has ended.
  std::string Receive() const {
    char bytes[16 * 1024];
    const ssize_t size = recv(socket_, bytes, sizeof(bytes), 0);
    return size > 0 ? std::string(bytes, size) : "";
  }
  std::string Ask(const std::string& text) const {
    EXPECT_TRUE(Send(text));
    return Receive();
  }
  // The same over UDP, where a datagram may be lost: a PBX sends it again.
  std::string AskAgainAndAgain(const std::string& text) const {
    constexpr int kOften = 60;
    for (int i = 0; i < kOften; ++i) {
      EXPECT_TRUE(Send(text));
      pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
      if (poll(&readable, 1, /*ms=*/500) > 0) return Receive();
    }
    return "";
  }
  // What a connection brings, up to the end of a message.
  std::string ReadMessage() const {
    std::string text;
    char c;
    while (!text.ends_with("\r\n\r\n") && recv(socket_, &c, 1, 0) == 1) {
      text += c;
    }
    return text;
  }
  // Its own.
  uint16_t port() const {
    sockaddr_in own{};
    socklen_t size = sizeof(own);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }
  // Whether nothing more comes, because the server has closed.
  bool IsEnded() const { return Receive().empty(); }

 private:
  static sockaddr_in At(const std::string& address, int port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = inet_addr(address.c_str());
    at.sin_port = htons(static_cast<uint16_t>(port));
    return at;
  }

  const int socket_;
};

}  // namespace interlink::daemon
