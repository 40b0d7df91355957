// What comes to the HTTP door of the PBX over one connection: anything, by
// somebody who may ask.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/http/access_token.h"
#include "daemon/http/http_server.h"
#include "daemon/http/pbx_pages.h"
#include "daemon/http/query.h"
#include "daemon/system/asio_event_loop.h"
#include "tests/fuzz/connection.h"
#include "tests/fuzz/linked_world.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

using std::chrono_literals::operator""ms;

constexpr int kMostTurns = 200;

// Mike's door. No request changes his account, so that one serves all inputs.
class Door {
 public:
  Door() {
    secret_.Write("0123456789abcdef\n");
    const auto loopback = *daemon::AddressRange::Parse("127.0.0.1");
    pages_ = std::make_unique<daemon::PbxPages>(
        loop_, account_loop_, world_.mike.account(),
        daemon::PbxAccess{
            .pbx = {loopback}, .phones = {loopback}, .token = std::nullopt});
    server_ = OrDie(
        daemon::HttpServer::Start(
            loop_, *pages_, {.address = "127.0.0.1:0", .setting = "--fuzz"}),
        "the door opens");
  }

  std::string AnswersTo(std::string_view bytes) {
    Connection client(server_->address(), bytes);
    int turns = 0;
    do {
      Require(++turns < kMostTurns, "every connection ends");
      loop_.context().poll();
      world_.time.Advance(20ms);  // Peers are asked, and the deadline passes.
    } while (client.Receive());
    loop_.context().poll();
    return client.received();
  }
  daemon::AccessToken token() {
    return OrDie(daemon::AccessToken::Read(secret_.path()), "it is a token");
  }

 private:
  LinkedWorld world_;
  daemon::AsioEventLoop loop_;
  testing::VirtualLoop account_loop_{world_.time};
  MemoryFile secret_;
  std::unique_ptr<daemon::PbxPages> pages_;
  std::unique_ptr<daemon::HttpServer> server_;
};

// Checks the answer in front of `answers`, and takes it off.
void CheckOne(std::string_view& answers) {
  Require(answers.starts_with("HTTP/1.1 "), "every answer is HTTP");
  const size_t end = answers.find("\r\n\r\n");
  Require(end != answers.npos, "every answer has an end");
  const std::string_view head = answers.substr(0, end + 2);
  answers.remove_prefix(end + 4);
  const bool is_ok = head.starts_with("HTTP/1.1 200 ");
  const std::string length(HeaderIn(head, "Content-Length"));
  Require(!length.empty(), "every answer says how long it is");
  Require(is_ok == HeaderIn(head, "X-Interlink-Reason").empty(),
          "every refusal has its reason");
  const size_t size = std::stoul(length);
  Require(is_ok == (size > 0), "a refusal has no body");
  // The answer to HEAD has none.
  if (answers.empty() || answers.starts_with("HTTP/1.1 ")) return;
  Require(answers.size() >= size, "every answer is whole");
  const std::string_view body = answers.substr(0, size);
  answers.remove_prefix(size);
  Require(!HeaderIn(head, "Content-Type").starts_with("text/plain") ||
              body.find_first_of("\r\n") == body.npos,
          "a dialplan gets one line");
}

const Registration kPbxHttpTarget("pbx_http", [](std::string_view input) {
  // Never destroyed, as LinkedWorld::Fresh().
  static Door& door = *new Door();
  static const daemon::AccessToken token = door.token();
  const std::string received = door.AnswersTo(input);
  std::string_view answers = received;
  while (!answers.empty()) CheckOne(answers);
  static_cast<void>(token.IsShownBy(input));
  daemon::Query::Parse(input).status().IgnoreError();
});

}  // namespace
}  // namespace interlink::fuzz
