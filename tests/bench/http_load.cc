#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/bench/figures.h"

namespace interlink::bench {
namespace {

class Connection {
 public:
  explicit Connection(const std::string& address)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(
        std::atoi(address.substr(address.rfind(':') + 1).c_str())));
    if (connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
      Fail("no connection to " + address);
    }
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor() const { return socket_; }

  void Ask(int number) {
    // As Asterisk's CURL asks.
    const std::string request =
        "GET /v1/resolve?number=" + std::to_string(number) +
        " HTTP/1.1\r\nHost: 127.0.0.1:8088\r\n"
        "User-Agent: asterisk-libcurl-agent/1.0\r\nAccept: */*\r\n\r\n";
    if (send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      Fail("a request was not taken");
    }
  }

  // Whether the answer is whole.
  bool Receive() {
    char bytes[2048];
    const ssize_t got = recv(socket_, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) Fail("the server hung up");
    answer_.append(bytes, static_cast<size_t>(got));
    const size_t head = answer_.find("\r\n\r\n");
    if (head == answer_.npos) return false;
    if (!answer_.starts_with("HTTP/1.1 200 ")) Fail("the answer: " + answer_);
    constexpr std::string_view kLength = "Content-Length: ";
    const size_t length = answer_.find(kLength);
    if (length == answer_.npos) Fail("an answer without a length");
    const int size = std::atoi(answer_.c_str() + length + kLength.size());
    if (answer_.size() < head + 4 + static_cast<size_t>(size)) return false;
    answer_.clear();
    return true;
  }

 private:
  const int socket_;
  std::string answer_;
};

}  // namespace

double RunHttpResolves(const std::string& address, int connections, int first,
                       int count, std::chrono::milliseconds time) {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Connection>> all;
  int64_t step = 0;
  // A stride that shares no factor with the count visits all of them.
  const auto next = [&] {
    return first + static_cast<int>(step++ * 7919 % count);
  };
  const auto start = Clock::now();
  for (int i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<Connection>(address));
    epoll_event event{.events = EPOLLIN, .data = {.ptr = all.back().get()}};
    epoll_ctl(poll, EPOLL_CTL_ADD, all.back()->descriptor(), &event);
    all.back()->Ask(next());
  }
  int64_t answers = 0;
  epoll_event events[64];
  while (Clock::now() - start < time) {
    const int ready = epoll_wait(poll, events, std::size(events), 1000);
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if (!connection.Receive()) continue;
      ++answers;
      connection.Ask(next());
    }
  }
  close(poll);
  return static_cast<double>(answers) / MillisecondsSince(start) * 1000;
}

}  // namespace interlink::bench
