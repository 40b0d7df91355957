#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/eventually.h"

namespace interlink::testing {

// One TCP connection of a client that may do anything.
class HttpClient {
 public:
  // `address`: an IPv4 address and a port. `from`: the loopback address that it
  // comes from.
  explicit HttpClient(const std::string& address,
                      const std::string& from = "127.0.0.1")
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = inet_addr(from.c_str());
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof(own)), 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    const size_t colon = address.rfind(':');
    to.sin_addr.s_addr = inet_addr(address.substr(0, colon).c_str());
    to.sin_port = htons(
        static_cast<uint16_t>(std::atoi(address.substr(colon + 1).c_str())));
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)),
              0);
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~HttpClient() { close(socket_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool Send(const std::string& text) const {
    return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  // Nothing more comes; the answer is still read.
  void EndSending() const { shutdown(socket_, SHUT_WR); }
  // Until there is `end` at its end, or the server closes.
  std::string ReadUntil(const std::string& end) const {
    std::string text;
    char c;
    while ((end.empty() || !text.ends_with(end)) &&
           recv(socket_, &c, 1, 0) == 1) {
      text += c;
    }
    return text;
  }
  // All that comes until the server closes.
  std::string ReadAll() const { return ReadUntil(""); }
  std::string Ask(const std::string& request) const {
    EXPECT_TRUE(Send(request));
    return ReadAll();
  }

  // Whether the server has closed it, without waiting.
  bool IsClosed() const {
    char c;
    return recv(socket_, &c, 1, MSG_DONTWAIT) == 0;
  }

 private:
  const int socket_;
};

}  // namespace interlink::testing
