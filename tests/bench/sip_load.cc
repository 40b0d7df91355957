#include "tests/bench/sip_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include "tests/bench/figures.h"

namespace interlink::bench {
namespace {

constexpr size_t kBatch = 32;
constexpr int kPatienceMs = 200;
constexpr int kMostSilences = 25;
constexpr std::string_view kBranch = ";branch=z9hG4bK.";

// A UDP socket that sends what is put into it by one system call.
class Socket {
 public:
  explicit Socket(const std::string& server)
      : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const size_t colon = server.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = inet_addr(server.substr(0, colon).c_str());
    to.sin_port =
        htons(static_cast<uint16_t>(std::stoi(server.substr(colon + 1))));
    if (connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
      Fail("no socket to " + server);
    }
    sockaddr_in own{};
    socklen_t size = sizeof(own);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size);
    own_ = "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
  }
  ~Socket() { close(socket_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  const std::string& own() const { return own_; }

  void Put(std::string text) { out_.push_back(std::move(text)); }
  void Flush() {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> buffers;
    for (size_t done = 0; done < out_.size();) {
      const size_t count = std::min(kBatch, out_.size() - done);
      for (size_t i = 0; i < count; ++i) {
        buffers[i] = {out_[done + i].data(), out_[done + i].size()};
        messages[i].msg_hdr.msg_iov = &buffers[i];
        messages[i].msg_hdr.msg_iovlen = 1;
      }
      const int sent =
          sendmmsg(socket_, messages.data(), static_cast<unsigned>(count), 0);
      done += sent > 0 ? static_cast<size_t>(sent) : 1;
    }
    out_.clear();
  }

  // What has come, waiting for it; empty after kPatienceMs without anything.
  std::vector<std::string_view> Take() {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, kPatienceMs) <= 0) return {};
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> buffers;
    for (size_t i = 0; i < kBatch; ++i) {
      buffers[i] = {in_[i].data(), in_[i].size()};
      messages[i].msg_hdr.msg_iov = &buffers[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int count =
        recvmmsg(socket_, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    std::vector<std::string_view> texts;
    for (int i = 0; i < count; ++i) {
      texts.emplace_back(in_[i].data(), messages[i].msg_len);
    }
    return texts;
  }

 private:
  const int socket_;
  std::string own_;
  std::vector<std::string> out_;
  std::array<std::array<char, 4096>, kBatch> in_;
};

// The calls that are under way.
class Calls {
 public:
  Calls(const std::string& server, int first, int count)
      : socket_(server), server_(server), first_(first), count_(count) {}

  LoadResult Run(int in_flight, std::chrono::milliseconds time) {
    slots_.resize(static_cast<size_t>(in_flight));
    const auto start = Clock::now();
    const auto end = start + time;
    for (size_t slot = 0; slot < slots_.size(); ++slot) Invite(slot);
    int silences = 0;
    while (Clock::now() < end) {
      socket_.Flush();
      const auto answers = socket_.Take();
      silences = answers.empty() ? silences + 1 : 0;
      if (silences == kMostSilences) Fail("nobody answers at " + server_);
      if (silences > 0) Repeat();
      for (const std::string_view answer : answers) Answered(answer);
    }
    const double seconds = MillisecondsSince(start) / 1000;
    if (times_.empty()) Fail("no call was redirected by " + server_);
    std::sort(times_.begin(), times_.end());
    return {.per_second = static_cast<double>(times_.size()) / seconds,
            .median_ms = times_[times_.size() / 2],
            .p99_ms = times_[times_.size() * 99 / 100]};
  }

 private:
  struct Slot {
    std::string id;
    std::string number;
    Clock::time_point start;
  };

  std::string Request(const std::string& method, const Slot& slot) const {
    return method + " sip:" + slot.number + "@" + server_ +
           " SIP/2.0\r\nVia: SIP/2.0/UDP " + socket_.own() + ";rport" +
           std::string(kBranch) + slot.id +
           "\r\nMax-Forwards: 70\r\nFrom: \"Alice\" <sip:101@" + socket_.own() +
           ">;tag=" + slot.id + "\r\nTo: <sip:" + slot.number + "@" + server_ +
           ">\r\nCall-ID: " + slot.id + "@" + socket_.own() + "\r\nCSeq: 1 " +
           method + "\r\nContact: <sip:101@" + socket_.own() +
           ">\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"
           "Content-Length: 0\r\n\r\n";
  }

  void Invite(size_t index) {
    Slot& slot = slots_[index];
    const int64_t step = next_++;
    slot.id = std::to_string(step) + "." + std::to_string(index);
    // A stride that shares no factor with the count visits all of them.
    slot.number =
        std::to_string(first_ + static_cast<int>(step * 7919 % count_));
    slot.start = Clock::now();
    socket_.Put(Request("INVITE", slot));
  }

  void Repeat() {
    for (const Slot& slot : slots_) socket_.Put(Request("INVITE", slot));
  }

  void Answered(std::string_view answer) {
    if (answer.starts_with("SIP/2.0 100 ")) return;
    if (!answer.starts_with("SIP/2.0 302 ") ||
        answer.find("\nContact: <sip:") == answer.npos) {
      Fail(server_ + " answers " + std::string(answer));
    }
    const size_t at = answer.find(kBranch) + kBranch.size();
    const size_t dot = answer.find('.', at);
    size_t index = 0;
    std::from_chars(answer.data() + dot + 1, answer.data() + answer.size(),
                    index);
    if (index >= slots_.size() ||
        answer.substr(at, slots_[index].id.size()) != slots_[index].id) {
      return;  // To an earlier call, once more.
    }
    times_.push_back(MillisecondsSince(slots_[index].start));
    socket_.Put(Request("ACK", slots_[index]));
    Invite(index);
  }

  Socket socket_;
  const std::string server_;
  const int first_;
  const int count_;
  int64_t next_ = 0;
  std::vector<Slot> slots_;
  std::vector<double> times_;
};

}  // namespace

LoadResult RunSipCalls(const std::string& server, int first, int count,
                       int in_flight, std::chrono::milliseconds time) {
  return Calls(server, first, count).Run(in_flight, time);
}

bool AnswersSip(const std::string& server) {
  Socket socket(server);
  socket.Put(
      "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP " + socket.own() +
      ";rport;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@a>;tag=1\r\n"
      "To: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
      "Content-Length: 0\r\n\r\n");
  socket.Flush();
  return !socket.Take().empty();
}

}  // namespace interlink::bench
