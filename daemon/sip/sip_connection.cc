#include "daemon/sip/sip_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

namespace interlink::daemon {
namespace {

using boost::system::error_code;
using tcp = boost::asio::ip::tcp;

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kAnswerTimeout{15};
// Who does not take his answers is not asked for more questions.
constexpr size_t kMostUnsent = 64 * 1024;

}  // namespace

// Does not keep the connection from ending.
class SipConnection::WeakPath final : public ReplyPath {
 public:
  explicit WeakPath(std::weak_ptr<SipConnection> connection)
      : connection_(std::move(connection)) {}

  void Send(std::string_view text, uint16_t port) override {
    if (const auto standing = connection_.lock()) standing->Send(text, port);
  }
  std::shared_ptr<ReplyPath> Keep() override {
    return std::make_shared<WeakPath>(*this);
  }

 private:
  std::weak_ptr<SipConnection> connection_;
};

SipConnection::SipConnection(tcp::socket socket, const SipSource& source,
                             Owner& owner, federation::EventLoop& loop)
    : socket_(std::move(socket)),
      source_(source),
      owner_(&owner),
      loop_(loop),
      unsent_(loop, [this] { Close(); }) {}

SipConnection::~SipConnection() {
  if (owner_ != nullptr) owner_->Ended(*this);
}

void SipConnection::Start() {
  error_code ignored;  // The connection works without.
  socket_.set_option(tcp::no_delay(true), ignored);
  // Of a PBX that vanished without a word the system learns in the end.
  socket_.set_option(tcp::socket::keep_alive(true), ignored);
  ExpectMore();
  Read();
}

void SipConnection::Close() {
  error_code ignored;  // It is closed either way.
  socket_.close(ignored);
  patience_.reset();
  unsent_.Off();
}

void SipConnection::Abandon() {
  owner_ = nullptr;
  Close();
}

std::shared_ptr<ReplyPath> SipConnection::Keep() {
  return std::make_shared<WeakPath>(weak_from_this());
}

void SipConnection::Read() {
  if (is_reading_ || is_finishing_ ||
      waiting_.size() + writing_.size() > kMostUnsent) {
    return;
  }
  is_reading_ = true;
  socket_.async_read_some(
      boost::asio::buffer(buffer_),
      [self = shared_from_this()](error_code error, size_t count) {
        self->is_reading_ = false;
        if (error) {
          self->Close();
        } else {
          self->TakeIn(count);
        }
      });
}

void SipConnection::TakeIn(size_t count) {
  const bool had_begun = stream_.has_begun();
  stream_.Add({buffer_.data(), count});
  const bool is_of_use = HandleMessages();
  if (!socket_.is_open()) return;
  if (!is_of_use) return Finish();
  if (!stream_.has_begun()) {
    patience_.reset();
  } else if (!had_begun || patience_ == nullptr) {
    ExpectMore();
  }
  Read();
}

bool SipConnection::HandleMessages() {
  for (;;) {
    switch (stream_.Next()) {
      case SipStream::Found::kNothing:
        return true;
      case SipStream::Found::kPing:
        patience_.reset();
        Send("\r\n", 0);
        break;
      case SipStream::Found::kGarbage:
        owner_->Garbage(*this);
        return false;
      case SipStream::Found::kMessage:
        patience_.reset();  // What follows it has a time of its own.
        owner_->Received(*this, stream_.head(), stream_.body_bytes());
        if (stream_.is_last()) return false;
    }
  }
}

void SipConnection::ExpectMore() {
  patience_ = loop_.After(kPatience, [this] { Close(); });
}

void SipConnection::Send(std::string_view text, uint16_t /*port*/) {
  if (is_finishing_ && !is_writing_) return;  // Its end has been sent.
  waiting_.append(text);
  if (!is_writing_) Write();
}

void SipConnection::Write() {
  is_writing_ = true;
  writing_ = std::exchange(waiting_, {});
  unsent_.In(kAnswerTimeout);
  boost::asio::async_write(
      socket_, boost::asio::buffer(writing_),
      [self = shared_from_this()](error_code error, size_t) {
        self->is_writing_ = false;
        self->writing_.clear();
        self->unsent_.Off();
        if (error) return self->Close();
        if (!self->waiting_.empty()) {
          self->Write();
        } else if (self->is_finishing_) {
          self->Finish();
        } else {
          self->Read();
        }
      });
}

// To close with something unread would take the answer from the other side.
void SipConnection::Finish() {
  is_finishing_ = true;
  ExpectMore();
  if (is_writing_) return;
  error_code ignored;  // It may have closed first.
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  Discard();
}

void SipConnection::Discard() {
  socket_.async_read_some(
      boost::asio::buffer(buffer_),
      [self = shared_from_this()](error_code error, size_t) {
        if (error) {
          self->Close();
        } else {
          self->Discard();
        }
      });
}

}  // namespace interlink::daemon
