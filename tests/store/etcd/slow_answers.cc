#include "tests/store/etcd/slow_answers.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace interlink::testing {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int PortOf(const std::string& endpoint) {
  return std::stoi(endpoint.substr(endpoint.find(':') + 1));
}

int NewSocket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

}  // namespace

SlowAnswers::SlowAnswers(const std::string& endpoint)
    : member_port_(PortOf(endpoint)), listener_(NewSocket()) {
  const sockaddr_in address = Loopback(0);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0 ||
      listen(listener_, 16) != 0) {
    std::abort();
  }
  thread_ = std::thread([this] { Run(); });
}

SlowAnswers::~SlowAnswers() {
  is_ending_ = true;
  thread_.join();
  close(listener_);
  for (const Connection& connection : connections_) {
    close(connection.client);
    close(connection.member);
  }
}

std::string SlowAnswers::endpoint() const {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

void SlowAnswers::LeadTo(const std::string& endpoint) {
  member_port_ = PortOf(endpoint);
  drops_all_ = true;
}

void SlowAnswers::Run() {
  while (!is_ending_) {
    const bool holds = holds_;
    std::vector<pollfd> polled = {{listener_, POLLIN, 0}};
    for (const Connection& connection : connections_) {
      polled.push_back({connection.client, POLLIN, 0});
      // A negative one is not looked at.
      polled.push_back({holds ? -1 : connection.member, POLLIN, 0});
    }
    poll(polled.data(), polled.size(), 10);
    const bool drops_all = drops_all_.exchange(false);
    std::vector<Connection> left;
    for (size_t i = 0; i < connections_.size(); ++i) {
      const auto [client, member] = connections_[i];
      const bool goes_on =
          !drops_all &&
          (polled[2 * i + 1].revents == 0 || Pass(client, member)) &&
          (polled[2 * i + 2].revents == 0 || Pass(member, client));
      if (goes_on) {
        left.push_back(connections_[i]);
      } else {
        close(client);
        close(member);
      }
    }
    connections_ = std::move(left);
    if (polled[0].revents != 0) Accept();
  }
}

void SlowAnswers::Accept() {
  const Connection connection = {
      accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), NewSocket()};
  const sockaddr_in address = Loopback(member_port_);
  if (connection.client >= 0 &&
      connect(connection.member, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0) {
    connections_.push_back(connection);
    return;
  }
  close(connection.client);
  close(connection.member);
}

bool SlowAnswers::Pass(int from, int to) {
  std::array<char, 65536> some;
  const ssize_t size = recv(from, some.data(), some.size(), 0);
  return size > 0 &&
         send(to, some.data(), static_cast<size_t>(size), MSG_NOSIGNAL) == size;
}

}  // namespace interlink::testing
