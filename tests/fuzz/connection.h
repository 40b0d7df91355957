#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/fuzz/target.h"

namespace interlink::fuzz {

// One TCP connection to a server, an IPv4 address and a port: sends all of its
// bytes and then nothing more.
//
// Threading: one thread, which can be the server's: nothing waits.
class Connection {
 public:
  Connection(const std::string& server, std::string_view bytes)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const size_t colon = server.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = inet_addr(server.substr(0, colon).c_str());
    to.sin_port = htons(
        static_cast<uint16_t>(std::atoi(server.substr(colon + 1).c_str())));
    Require(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0,
            "the door is open");
    // So that no port stays taken after its end.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(socket_, SHUT_WR);
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Takes what has come; whether more may come.
  bool Receive() {
    char bytes[4096];
    for (;;) {
      const ssize_t got = recv(socket_, bytes, sizeof(bytes), MSG_DONTWAIT);
      if (got > 0) {
        received_.append(bytes, static_cast<size_t>(got));
      } else {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
      }
    }
  }
  const std::string& received() const { return received_; }

 private:
  const int socket_;
  std::string received_;
};

// The value of a header in `head`, the head of an HTTP answer; empty if there
// is none.
inline std::string_view HeaderIn(std::string_view head, std::string_view name) {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const size_t at = head.find(start);
  if (at == head.npos) return {};
  const std::string_view rest = head.substr(at + start.size());
  return rest.substr(0, rest.find("\r\n"));
}

}  // namespace interlink::fuzz
