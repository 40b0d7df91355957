// What a PBX, or whoever has its address, sends to the SIP door: the input as
// one datagram, and as the bytes of a connection.

#include <string>
#include <vector>

#include "daemon/sip/sip_server.h"
#include "daemon/sip/sip_stream.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/target.h"
#include "tests/support/sip_fakes.h"
#include "tests/support/virtual_time.h"

namespace interlink::fuzz {
namespace {

using daemon::MessageHead;
using daemon::SipStream;
using testing::SipField;
using testing::SipStatus;

constexpr std::string_view kHeadEnd = "\r\n\r\n";

size_t CountOf(std::string_view text, std::string_view what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != text.npos;
       at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

// A server before an account that has 201, and lets one token in.
class SipDoor {
 public:
  SipDoor() {
    server_.SetServing(true);
    calls_.known["201"] =
        daemon::CallDirectory::Target{.uri = "sip:201@pbx.example.net"};
    calls_.known["202"] =
        daemon::CallDirectory::Target{.uri = "300", .is_local = true};
    calls_.known["il-201-0"] =
        daemon::CallDirectory::Target{.uri = "201", .is_local = true};
  }

  void Receive(std::string_view head, size_t body_bytes, bool is_stream) {
    calls_.slow = head.size() % 2 == 1;
    const size_t before = path_.sent().size();
    server_.Receive(head, body_bytes,
                    {.address = boost::asio::ip::make_address("127.0.0.11"),
                     .port = 5060,
                     .is_stream = is_stream},
                    path_);
    Require(path_.sent().size() <= before + 2,
            "a message has one answer, or a CANCEL and its INVITE one each");
    Require(path_.sent().size() == before || !head.starts_with("ACK "),
            "an ACK has no answer");
  }

  void Check() {
    time_.Advance(std::chrono::seconds(2));
    for (const auto& sent : path_.sent()) CheckAnswer(sent.text);
    path_.sent().clear();
    calls_.slow = false;
    server_.Receive(
        testing::SipMessage().Branch("z9hG4bKgood").text(), 0,
        {.address = boost::asio::ip::make_address("127.0.0.11"), .port = 5060},
        path_);
    Require(SipStatus(path_.sent().back().text) == 302,
            "a good call is answered after it");
    time_.Advance(std::chrono::seconds(70));
    Require(time_.waiting() == 0, "nothing is kept for ever");
  }

 private:
  static void CheckAnswer(const std::string& answer) {
    Require(answer.ends_with(kHeadEnd) && CountOf(answer, kHeadEnd) == 1,
            "an answer is one head");
    const MessageHead head(answer);
    const int status = SipStatus(answer);
    Require(status >= 100 && status <= 505, "an answer has a status");
    const size_t contacts = CountOf(answer, "\r\nContact: ");
    Require(contacts == (status == 302 ? 1 : 0),
            "a redirection, and nothing else, has one Contact");
    if (status == 302) {
      const std::string contact = SipField(answer, "Contact");
      Require(contact.starts_with("<sip:201@pbx.example.net>") ||
                  contact.starts_with("<sip:300@127.0.0.11") ||
                  contact.starts_with("<sip:201@127.0.0.11"),
              "a call goes where the account says, or back to the PBX");
    }
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  testing::FakeCalls calls_;
  daemon::SipCounters counters_;
  testing::KeptAnswers path_;
  daemon::SipServer server_{loop_, calls_, counters_, 1};
};

void AsDatagram(std::string_view text) {
  SipDoor door;
  const size_t end = std::min(text.find(kHeadEnd), text.size());
  const size_t head = std::min(end + kHeadEnd.size(), text.size());
  door.Receive(text.substr(0, head), text.size() - head, false);
  // Again, as over a lossy network.
  door.Receive(text.substr(0, head), text.size() - head, false);
  door.Check();
}

// Adds it in pieces, each as long as `piece` bytes. What comes out, in words.
std::vector<std::string> AsStream(std::string_view text, size_t piece) {
  SipDoor door;
  SipStream stream;
  std::vector<std::string> found;
  for (bool goes_on = true; goes_on && !text.empty();) {
    stream.Add(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    for (auto next = stream.Next(); next != SipStream::Found::kNothing;
         next = stream.Next()) {
      found.emplace_back(next == SipStream::Found::kPing ? "ping" : "garbage");
      goes_on = next != SipStream::Found::kGarbage;
      if (next == SipStream::Found::kMessage) {
        found.back() = stream.head();
        door.Receive(stream.head(), stream.body_bytes(), true);
        goes_on = !stream.is_last();
      }
      if (!goes_on) break;
    }
  }
  door.Check();
  return found;
}

const Registration kSipTarget("sip", [](std::string_view input) {
  AsDatagram(input);
  const size_t piece = 1 + Input(input).Below(200);
  Require(AsStream(input, input.size() + 1) == AsStream(input, piece),
          "how a connection's bytes are cut makes no difference");
});

}  // namespace
}  // namespace interlink::fuzz
