#include "daemon/cli/page/page_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/read.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/connect/connect_error.h"
#include "daemon/cli/page/http_head.h"
#include "daemon/cli/page/site.h"

namespace interlink::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using grpc::StatusCode;

constexpr size_t kReadAtOnce = 8 << 10;
// What may come of the next requests before a call is answered.
constexpr size_t kAheadBytes = PageServer::kHeaderBytes + kReadAtOnce;
// Of a request without a session, such as POST /session.
constexpr size_t kStrangerBodyBytes = 4 << 10;

std::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

PageRefusal TooLarge(size_t bytes) {
  return {413, LocalFailure(StatusCode::RESOURCE_EXHAUSTED, "REQUEST_INVALID",
                            "the body of this request has at most " +
                                std::to_string(bytes) +
                                " bytes; send it in several parts")};
}

PageRefusal Unreadable(boost::system::error_code error, size_t body_bytes) {
  if (error == http::error::body_limit) return TooLarge(body_bytes);
  if (error == http::error::header_limit) {
    return {431,
            LocalFailure(StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                         "the header of a request has at most 32 KiB; delete "
                         "cookies of other programs on this machine")};
  }
  return {400, LocalFailure(StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                            "this is no HTTP request")};
}

}  // namespace

PageConnection::PageConnection(asio::ip::tcp::socket socket, Sessions& sessions,
                               ConnectServer& api,
                               const PageServer::Options& options,
                               std::function<void()> ended)
    : stream_(std::move(socket)),
      sessions_(sessions),
      api_(api),
      options_(options),
      ended_(std::move(ended)),
      buffer_(kAheadBytes + kReadAtOnce) {}

PageConnection::~PageConnection() { ended_(); }

void PageConnection::Start() {
  stream_.expires_after(options_.request_time);
  ReadHeader();
}

void PageConnection::Close() {
  call_.reset();
  stream_.close();
}

void PageConnection::ReadHeader() {
  parser_.emplace();
  parser_->header_limit(PageServer::kHeaderBytes);
  // Which limit holds is known once the header is. (Boost 1.74 takes "none" for
  // none allowed.)
  parser_->body_limit(std::numeric_limits<uint64_t>::max());
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, size_t) {
                            self->OnHeader(error);
                          });
}

void PageConnection::OnHeader(Error error) {
  if (error) return RefuseUnreadable(error);
  if (parser_->get().version() != 11) {
    return Refuse(
        {505, LocalFailure(StatusCode::UNIMPLEMENTED, "REQUEST_INVALID",
                           "this is a server of HTTP/1.1")});
  }
  PageTarget target{};
  if (const auto refusal = CheckRequest(Facts(), sessions_, &target)) {
    return Refuse(*refusal);
  }
  const bool has_session = target == PageTarget::kApi;
  is_known_ = is_known_ || has_session;
  const size_t limit = has_session ? options_.body_bytes : kStrangerBodyBytes;
  if (parser_->content_length().value_or(0) > limit) {
    return Refuse(TooLarge(limit));
  }
  parser_->body_limit(limit);
  stream_.expires_after(options_.request_time);
  ReadBody(target);
}

void PageConnection::ReadBody(PageTarget target) {
  const auto read = [this, target] {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this(), target](Error error, size_t) {
                       if (error) return self->RefuseUnreadable(error);
                       self->OnRequest(target);
                     });
  };
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
    return read();
  }
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(kContinue),
                    [self = shared_from_this(), read](Error error, size_t) {
                      if (!error) read();
                    });
}

void PageConnection::OnRequest(PageTarget target) {
  must_close_ = !parser_->keep_alive();
  switch (target) {
    case PageTarget::kSite:
      return SendSiteFile();
    case PageTarget::kSession:
      return BeginSession();
    case PageTarget::kApi:
      return OpenCall();
  }
}

void PageConnection::RefuseUnreadable(Error error) {
  const bool has_gone = error == http::error::end_of_stream ||
                        error == beast::error::timeout ||
                        error.category() == asio::error::get_system_category();
  if (has_gone) return Close();
  Refuse(
      Unreadable(error, is_known_ ? options_.body_bytes : kStrangerBodyBytes));
}

// What follows the header is not read, so the connection ends.
void PageConnection::Refuse(const PageRefusal& refusal) {
  must_close_ = true;
  Metadata headers = {{"Content-Type", "application/json"}};
  if (refusal.allow != nullptr) headers.emplace_back("Allow", refusal.allow);
  Answer(refusal.status, headers, ErrorJson(refusal.why));
}

PageRequest PageConnection::Facts() const {
  const auto& request = parser_->get();
  PageRequest facts{.method = View(request.method_string()),
                    .target = View(request.target()),
                    .host = View(request[http::field::host]),
                    .origin = View(request[http::field::origin]),
                    .authorization = View(request[http::field::authorization])};
  for (const auto& field : request) {
    facts.hosts += field.name() == http::field::host ? 1 : 0;
    facts.origins += field.name() == http::field::origin ? 1 : 0;
  }
  return facts;
}

std::string PageConnection::Field(beast::string_view name) const {
  return std::string(View(parser_->get()[name]));
}

void PageConnection::SendSiteFile() {
  const std::string_view target = View(parser_->get().target());
  const SiteFile* file = FindSiteFile(target.substr(0, target.find('?')));
  if (file == nullptr) {
    return Answer(
        404, {{"Content-Type", "application/json"}},
        ErrorJson(LocalFailure(StatusCode::NOT_FOUND, "FILE_UNKNOWN",
                               "the page has no such file; it begins at /")));
  }
  Answer(200, {{"Content-Type", std::string(file->content_type)}},
         std::string(file->bytes));
}

// {"token"} -> {"session"}.
void PageConnection::BeginSession() {
  const auto body =
      nlohmann::json::parse(parser_->get().body(), nullptr, false);
  const auto refuse = [this](const grpc::Status& why) {
    Answer(HttpStatusOf(why.error_code()),
           {{"Content-Type", "application/json"}}, ErrorJson(why));
  };
  if (!body.is_object() || !body.contains("token") ||
      !body["token"].is_string()) {
    return refuse(LocalFailure(StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                               R"(the body is {"token": "..."})"));
  }
  std::string session;
  const grpc::Status status =
      sessions_.Begin(body["token"].get_ref<const std::string&>(), &session);
  options_.token_tried();
  if (!status.ok()) return refuse(status);
  is_known_ = true;
  Answer(200, {{"Content-Type", "application/json"}},
         nlohmann::json{{"session", session}}.dump());
}

void PageConnection::OpenCall() {
  ConnectRequest request{.path = std::string(View(parser_->get().target())),
                         .content_type = Field("Content-Type"),
                         .content_encoding = Field("Content-Encoding"),
                         .protocol_version = Field("Connect-Protocol-Version"),
                         .timeout_ms = Field("Connect-Timeout-Ms"),
                         .traceparent = Field("traceparent"),
                         .body = std::move(parser_->get().body())};
  call_ = api_.Open(request, *this);
  if (call_) WatchForClose();
}

void PageConnection::Answer(int status, const Metadata& headers,
                            std::string body) {
  is_whole_ = true;
  std::string bytes = HttpHead(status, headers, body.size(), must_close_);
  if (parser_->get().method() != http::verb::head) bytes += body;
  Write(std::move(bytes));
}

void PageConnection::Begin(const Metadata& headers) {
  Write(HttpHead(200, headers, std::nullopt, must_close_));
}

void PageConnection::Send(std::string part) {
  wants_go_on_ = true;
  Write(HttpChunk(part));
}

void PageConnection::End(std::string part) {
  is_whole_ = true;
  Write(HttpChunk(part) + kLastHttpChunk);
}

void PageConnection::Write(std::string bytes) {
  waiting_ += bytes;
  if (is_writing_) return;
  is_writing_ = true;
  written_ = std::exchange(waiting_, {});
  stream_.expires_after(options_.answer_time);
  asio::async_write(stream_, asio::buffer(written_),
                    [self = shared_from_this()](Error error, size_t) {
                      self->OnWritten(error);
                    });
}

void PageConnection::OnWritten(Error error) {
  is_writing_ = false;
  if (error) return Close();
  if (!waiting_.empty()) return Write({});
  if (is_whole_) return Finish();
  if (call_ && std::exchange(wants_go_on_, false)) call_->GoOn();
}

void PageConnection::WatchForClose() {
  if (buffer_.size() > kAheadBytes) return RefuseMore();
  is_watching_ = true;
  stream_.expires_never();
  stream_.async_read_some(
      buffer_.prepare(kReadAtOnce),
      [self = shared_from_this()](Error error, size_t count) {
        self->is_watching_ = false;
        self->buffer_.commit(count);
        if (!self->call_) {
          // Finish() has stopped this to read the next request.
          if (!error || error == asio::error::operation_aborted) {
            self->Finish();
          }
        } else if (error) {
          self->Close();
        } else {
          self->WatchForClose();
        }
      });
}

// A browser sends nothing before it has its answer.
void PageConnection::RefuseMore() {
  // What is still being written holds the connection, and finishes it.
  if (is_whole_) return;
  must_close_ = true;
  call_->EndWith(RequestInvalid(
      "more than " + std::to_string(kAheadBytes >> 10U) +
      " KiB came before this call was answered; send the next request after "
      "the answer"));
}

// The answer is with the client.
void PageConnection::Finish() {
  call_.reset();
  if (is_watching_) return stream_.cancel();
  is_whole_ = false;
  if (!must_close_) {
    stream_.expires_after(options_.idle_time);
    return ReadHeader();
  }
  // To close with something unread would take the answer from the client.
  Error ignored;  // The client may have closed first.
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(options_.request_time);
  Discard();
}

void PageConnection::Discard() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kReadAtOnce),
                          [self = shared_from_this()](Error error, size_t) {
                            if (error) return self->Close();
                            self->Discard();
                          });
}

}  // namespace interlink::cli
