#include "daemon/http/http_server.h"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_suffix.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/status.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <utility>  // Boost.Asio 1.74 forgets it.

#include "daemon/http/browser_rule.h"
#include "daemon/http/http_date.h"
#include "daemon/http/incoming_request.h"
#include "daemon/net/connection_places.h"
#include "daemon/net/source_network.h"
#include "daemon/net/tcp_acceptor.h"
#include "daemon/net/turned_away.h"
#include "daemon/system/deadline.h"

namespace interlink::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using federation::Reason;
using tcp = asio::ip::tcp;

constexpr size_t kMaxGuests = 256;
constexpr size_t kMaxSilentPerGuest = 32;
constexpr size_t kMaxStrangers = 16;
constexpr size_t kMostReadAtOnce = 8 * 1024;
constexpr std::chrono::seconds kRequestTimeout{5};
constexpr std::chrono::seconds kAnswerTimeout{15};
// A client sends its request right behind the last packet of TCP's handshake,
// so the request is late only by as much as the delays of packets differ.
constexpr std::chrono::milliseconds kTimeToAsk{50};

// Everything before the body. Written by hand: for an answer of one line, a
// message of Beast's takes longer than the rest of the answer.
std::string HeadOf(const HttpResponse& response, size_t body_size,
                   const std::string& date, bool must_close) {
  const auto phrase =
      http::obsolete_reason(static_cast<http::status>(response.status));
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  head.append(phrase.data(), phrase.size()).append("\r\n");
  add("Date", date);
  if (response.content_type != nullptr) {
    add("Content-Type", response.content_type);
  }
  for (const auto& [name, value] : response.headers) add(name, value);
  if (must_close) add("Connection", "close");
  add("Content-Length", std::to_string(body_size));
  return head.append("\r\n");
}

}  // namespace

class HttpServer::Server : public std::enable_shared_from_this<Server> {
 public:
  Server(federation::EventLoop& loop, HttpPages& pages, const Options& options)
      : pages_(pages),
        loop_(loop),
        rule_(options.host_names),
        own_(PlacesFor(options.connections, options.silent_per_source)),
        turned_away_(loop, options.setting) {}

  absl::Status Listen(asio::io_context& context, const std::string& address) {
    auto acceptor = TcpAcceptor::Listen(
        context, address,
        [weak = weak_from_this()](TcpAcceptor::Socket socket) {
          if (const auto self = weak.lock()) self->Accepted(std::move(socket));
        });
    if (!acceptor.ok()) return acceptor.status();
    acceptor_ = *std::move(acceptor);
    address_ = acceptor_->address();
    numeric_address_ = acceptor_->numeric_address();
    return absl::OkStatus();
  }

  void Close() {
    is_closed_ = true;
    acceptor_.reset();
    for (Session* session : sessions_) session->Close();
  }

  void SetRule(BrowserRule rule) { rule_ = std::move(rule); }

  const std::string& address() const { return address_; }
  const std::string& numeric_address() const { return numeric_address_; }
  uint64_t turned_away() const { return turned_away_.count(); }

 private:
  class Session : public std::enable_shared_from_this<Session> {
   public:
    // `socket` does not block.
    Session(TcpAcceptor::Socket socket, asio::ip::address source,
            ConnectionPlaces& places, std::shared_ptr<Server> server)
        : socket_(std::move(socket)),
          source_(std::move(source)),
          places_(places),
          server_(std::move(server)),
          deadline_(server_->loop_, [this] { Close(); }) {
      server_->sessions_.insert(this);
    }
    ~Session() {
      server_->sessions_.erase(this);
      places_.Leave(place_);
    }

    void Serve(ConnectionPlaces::Id place) {
      place_ = place;
      Read();
    }
    // Answers before it has read anything.
    void TurnAway(ConnectionPlaces::Id place) {
      place_ = place;
      RefuseAsLast({403, Reason::kNotPermitted, "this address may not ask"});
    }
    void Close() {
      error_code ignored;  // It is closed either way.
      socket_.close(ignored);
    }

   private:
    void Read() {
      request_.emplace();
      deadline_.In(kRequestTimeout);
      if (buffer_.size() == 0) return Receive();
      // A client may have sent hundreds of requests at once: each has its own
      // turn on the loop.
      asio::post(socket_.get_executor(),
                 [self = shared_from_this()] { self->Parse(); });
    }

    void Receive() {
      // There is room: a header that is too long has been refused before.
      socket_.async_read_some(
          buffer_.prepare(beast::read_size(buffer_, kMostReadAtOnce)),
          [self = shared_from_this()](error_code error, size_t count) {
            self->buffer_.commit(count);
            if (!error) {
              self->Parse();
            } else if (error == asio::error::eof &&
                       self->request_->has_begun()) {
              self->RefuseAsLast({400, Reason::kRequestInvalid,
                                  "the request ends in its header"});
            }
          });
    }

    void Parse() {
      buffer_.consume(request_->Take(buffer_.data()));
      if (const auto& refusal = request_->unreadable()) {
        RefuseAsLast(*refusal);
      } else if (request_->is_whole()) {
        Answer();
      } else {
        Receive();
      }
    }

    void Answer() {
      if (server_->is_closed_) return;  // The pages are gone.
      must_close_ = request_->is_last();
      is_head_ = request_->is_head();
      if (const auto refusal = request_->Check(server_->rule_)) {
        return Refuse(*refusal);
      }
      is_answered_ = false;
      server_->pages_.Answer(
          request_->AskedAt(source_),
          [self = shared_from_this()](HttpResponse response) {
            self->Write(std::move(response));
          });
      if (is_answered_) return;
      // The pages ask elsewhere.
      places_.Settle(place_);
      deadline_.Off();
    }

    void RefuseAsLast(const HttpRefusal& refusal) {
      must_close_ = true;
      Refuse(refusal);
    }
    void Refuse(const HttpRefusal& refusal) {
      if (server_->is_closed_) return;  // The pages are gone.
      HttpResponse response = server_->pages_.Refuse(refusal, source_);
      if (refusal.status == 405) {
        response.headers.emplace_back("Allow", "GET, HEAD");
      }
      Write(std::move(response));
    }

    void Write(HttpResponse response) {
      is_answered_ = true;
      body_ = std::move(response.body);
      head_ = HeadOf(response, body_ == nullptr ? 0 : body_->size(),
                     server_->date_.At(server_->loop_.WallNow()), must_close_);
      const std::string_view body =
          body_ == nullptr || is_head_ ? std::string_view() : *body_;
      const std::array<asio::const_buffer, 2> message = {
          asio::buffer(head_), asio::buffer(body.data(), body.size())};
      error_code error;
      const size_t sent = socket_.write_some(message, error);
      if (sent == asio::buffer_size(message)) return Written();
      if (error && error != asio::error::would_block) return;  // It is gone.
      places_.Settle(place_);
      deadline_.In(kAnswerTimeout);
      beast::buffers_suffix<std::array<asio::const_buffer, 2>> rest(message);
      rest.consume(sent);
      asio::async_write(socket_, rest,
                        [self = shared_from_this()](error_code failed, size_t) {
                          if (!failed) self->Written();
                        });
    }
    void Written() {
      body_.reset();
      places_.Unsettle(place_, server_->loop_.Now());
      if (must_close_) {
        Finish();
      } else {
        Read();
      }
    }

    // To close with something unread would take the answer from the client.
    void Finish() {
      error_code ignored;  // The client may have closed first.
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
      deadline_.In(kRequestTimeout);
      Discard();
    }
    void Discard() {
      buffer_.clear();
      socket_.async_read_some(
          buffer_.prepare(kMostReadAtOnce),
          [self = shared_from_this()](error_code error, size_t) {
            if (!error) self->Discard();
          });
    }

    TcpAcceptor::Socket socket_;
    const asio::ip::address source_;
    ConnectionPlaces& places_;
    std::shared_ptr<Server> server_;
    ConnectionPlaces::Id place_ = 0;
    Deadline deadline_;
    // A request line and the fields have their bound each.
    beast::flat_buffer buffer_{2 * IncomingRequest::kMaxHeaderBytes +
                               kMostReadAtOnce};
    std::optional<IncomingRequest> request_;
    bool is_head_ = false;
    bool must_close_ = false;
    bool is_answered_ = false;
    // What is being written.
    std::string head_;
    std::shared_ptr<const std::string> body_;
  };

  static ConnectionPlaces::Limits PlacesFor(size_t in_all,
                                            size_t silent_per_source) {
    return {.in_all = in_all,
            .silent_in_all = in_all,
            .silent_per_source = silent_per_source,
            .time_to_speak = kTimeToAsk};
  }

  ConnectionPlaces& PlacesOf(HttpPages::Caller caller) {
    switch (caller) {
      case HttpPages::Caller::kOwn:
        return own_;
      case HttpPages::Caller::kGuest:
        return guests_;
      case HttpPages::Caller::kStranger:
        break;
    }
    return strangers_;
  }

  void Accepted(TcpAcceptor::Socket socket) {
    error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (!error) socket.non_blocking(true, error);
    if (error) return;  // It is gone already.
    // An answer is one segment, if it can be, and never waits for an ACK.
    socket.set_option(tcp::no_delay(true), error);
    const asio::ip::address source = PlainAddress(remote.address());
    const std::string network = NetworkOf(source);
    const HttpPages::Caller caller = pages_.CallerAt(source);
    ConnectionPlaces& places = PlacesOf(caller);
    const auto session = std::make_shared<Session>(std::move(socket), source,
                                                   places, shared_from_this());
    const auto place = places.Take(
        network, loop_.Now(), [this, network, weak = std::weak_ptr(session)] {
          turned_away_.Add(network);
          if (const auto evicted = weak.lock()) evicted->Close();
        });
    if (!place) {
      turned_away_.Add(network);
    } else if (caller == HttpPages::Caller::kStranger) {
      session->TurnAway(*place);
    } else {
      session->Serve(*place);
    }
  }

  std::unique_ptr<TcpAcceptor> acceptor_;
  std::string address_;
  std::string numeric_address_;
  HttpPages& pages_;
  federation::EventLoop& loop_;
  BrowserRule rule_;
  ConnectionPlaces own_;
  ConnectionPlaces guests_{PlacesFor(kMaxGuests, kMaxSilentPerGuest)};
  ConnectionPlaces strangers_{PlacesFor(kMaxStrangers, kMaxStrangers)};
  TurnedAway turned_away_;
  std::set<Session*> sessions_;
  HttpDate date_;
  bool is_closed_ = false;
};

HttpServer::HttpServer(std::shared_ptr<Server> server)
    : server_(std::move(server)) {}

HttpServer::~HttpServer() { server_->Close(); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    AsioEventLoop& loop, HttpPages& pages, Options options) {
  auto server = std::make_shared<Server>(loop, pages, options);
  auto status = server->Listen(loop.context(), options.address);
  if (!status.ok()) return status;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

void HttpServer::SetHostNames(std::vector<federation::Host> names) {
  server_->SetRule(BrowserRule(std::move(names)));
}

const std::string& HttpServer::address() const { return server_->address(); }

const std::string& HttpServer::numeric_address() const {
  return server_->numeric_address();
}

uint64_t HttpServer::turned_away() const { return server_->turned_away(); }

}  // namespace interlink::daemon
