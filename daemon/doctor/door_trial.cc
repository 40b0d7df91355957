#include "daemon/doctor/door_trial.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace interlink::daemon {

using boost::asio::ip::tcp;
using boost::asio::ip::udp;
using boost::system::error_code;

namespace {

using boost::asio::ip::address;

// The address from which this machine would send to `to`.
address SourceTowards(const address& to, uint16_t port, error_code& error) {
  boost::asio::io_context context;
  udp::socket socket(context);
  socket.connect(udp::endpoint(to, port), error);
  return error ? address() : socket.local_endpoint(error).address();
}

}  // namespace

std::vector<DoorTrial::Way> DoorTrial::WaysTo(
    const std::string& numeric_address) {
  const size_t colon = numeric_address.rfind(':');
  std::string text = numeric_address.substr(0, colon);
  if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
  error_code error;
  const address host = boost::asio::ip::make_address(text, error);
  uint32_t port = 0;
  if (error || !absl::SimpleAtoi(numeric_address.substr(colon + 1), &port)) {
    return {};
  }
  std::vector<address> targets = {host};
  if (host.is_unspecified()) {
    targets = {boost::asio::ip::address_v4::loopback()};
    if (host.is_v6()) {
      targets.insert(targets.begin(), boost::asio::ip::address_v6::loopback());
    }
  }
  std::vector<Way> ways;
  for (const address& to : targets) {
    Way way{.to = to, .from = {}, .port = static_cast<uint16_t>(port)};
    way.from = SourceTowards(to, way.port, error);
    if (!error) ways.push_back(std::move(way));
  }
  return ways;
}

std::shared_ptr<DoorTrial> DoorTrial::Start(AsioEventLoop& loop, Door door,
                                            const Way& way, Done done) {
  std::shared_ptr<DoorTrial> trial(new DoorTrial(loop, std::move(done)));
  trial->end_.async_wait([weak = trial->weak_from_this()](error_code off) {
    const auto self = weak.lock();
    if (self != nullptr && !off) self->End("");
  });
  if (door == Door::kSip) {
    trial->AskBySip(way.to, way.port);
  } else {
    trial->AskByHttp(way.to, way.port);
  }
  return trial;
}

DoorTrial::DoorTrial(AsioEventLoop& loop, Done done)
    : loop_(loop),
      done_(std::move(done)),
      end_(loop.context(), std::chrono::seconds(2)),
      udp_(loop.context()),
      tcp_(loop.context()) {}

void DoorTrial::AskBySip(const boost::asio::ip::address& host, uint16_t port) {
  error_code error;
  udp_.connect(udp::endpoint(host, port), error);
  if (error) return;
  const auto own = udp_.local_endpoint(error);
  const std::string here =
      absl::StrCat(host.is_v6() ? "[" : "", own.address().to_string(),
                   host.is_v6() ? "]" : "", ":", own.port());
  // The port alone tells one trial from another.
  request_ = absl::StrCat(
      "OPTIONS sip:doctor@", here, " SIP/2.0\r\nVia: SIP/2.0/UDP ", here,
      ";rport;branch=z9hG4bK-doctor-", own.port(),
      "\r\nMax-Forwards: 1\r\nFrom: <sip:doctor@", here, ">;tag=", own.port(),
      "\r\nTo: <sip:doctor@", here, ">\r\nCall-ID: doctor-", own.port(),
      "\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
  udp_.async_send(boost::asio::buffer(request_),
                  [self = shared_from_this()](error_code, size_t) {});
  udp_.async_receive(boost::asio::buffer(answer_),
                     [weak = weak_from_this()](error_code failed, size_t size) {
                       const auto self = weak.lock();
                       if (self != nullptr && !failed) self->Heard(size);
                     });
}

void DoorTrial::AskByHttp(const boost::asio::ip::address& host, uint16_t port) {
  request_ = "HEAD / HTTP/1.0\r\n\r\n";
  const auto read = [weak = weak_from_this()](error_code error, size_t) {
    const auto self = weak.lock();
    if (self == nullptr || error) return;
    self->tcp_.async_read_some(boost::asio::buffer(self->answer_),
                               [weak](error_code failed, size_t size) {
                                 const auto reader = weak.lock();
                                 if (reader != nullptr && !failed)
                                   reader->Heard(size);
                               });
  };
  tcp_.async_connect(tcp::endpoint(host, port), [weak = weak_from_this(),
                                                 read](error_code error) {
    const auto self = weak.lock();
    if (self == nullptr || error) return;
    boost::asio::async_write(self->tcp_, boost::asio::buffer(self->request_),
                             read);
  });
}

void DoorTrial::Heard(size_t size) {
  const std::string_view answer(answer_.data(), size);
  End(std::string(answer.substr(0, answer.find("\r\n"))));
}

void DoorTrial::End(std::string line) {
  if (!done_) return;
  end_.cancel();
  error_code ignored;  // Nobody hears of it.
  udp_.close(ignored);
  tcp_.close(ignored);
  std::exchange(done_, nullptr)(std::move(line));
}

}  // namespace interlink::daemon
