#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/base/settings.h"
#include "federation/peer/peer_client.h"
#include "tests/support/simulated_account.h"
#include "tests/support/simulated_stream.h"

namespace interlink::testing {

// A peer that says in a session what the test tells it to, with the identity of
// an account that does not run.
class ScriptedPeer final : private federation::PeerStream::Events {
 public:
  // Dials `callee`, whose pin is that of a stock link.
  ScriptedPeer(SimulatedNetwork& network, SimulatedAccount& identity,
               SimulatedAccount& callee)
      : stream_(SimulatedWire::Dial(
            network, identity,
            {.address = callee.address(),
             .pin = {.account_id = callee.identity().account_id(),
                     .roots = {callee.identity().root().ToDer()}}})) {
    stream_->Open(*this);
  }

  void Send(const federation::v1::SessionMessage& message) {
    stream_->Send(message);
  }
  static federation::v1::Introduction StockIntroduction() {
    federation::v1::Introduction introduction;
    introduction.set_contact("sip:{number}@johnsmith.test");
    return introduction;
  }
  // A Hello of that link that is as it should be.
  static federation::v1::SessionMessage Hello(
      const std::string& interlink_id, uint64_t epoch = 1,
      const std::string& instance = std::string(16, 'i')) {
    federation::v1::SessionMessage message;
    auto& hello = *message.mutable_hello();
    hello.set_interlink_id(
        store::InterlinkId::FromHex(interlink_id)->ToBytes());
    hello.set_protocol_min(1);
    hello.set_protocol_max(1);
    hello.set_epoch(epoch);
    hello.set_instance_id(instance);
    *hello.mutable_introduction() = StockIntroduction();
    return message;
  }
  void Greet(const std::string& interlink_id, uint64_t epoch = 1,
             const std::string& instance = std::string(16, 'i')) {
    auto message = Hello(interlink_id, epoch, instance);
    *message.mutable_hello()->mutable_introduction() = introduction;
    if (knows_call_tokens) {
      message.mutable_hello()->add_features(
          std::string(federation::kCallTokenFeature));
    }
    Send(message);
  }
  void AnswerPing(uint64_t sequence) {
    federation::v1::SessionMessage answer;
    answer.mutable_pong()->set_sequence(sequence);
    *answer.mutable_pong()->mutable_directory() = directory;
    Send(answer);
  }
  void HangUp() { stream_.reset(); }

  // What it says of itself when it greets.
  federation::v1::Introduction introduction = StockIntroduction();
  bool knows_call_tokens = false;
  // Answers pings, saying that the directory is there.
  bool answers_pings = true;
  federation::v1::DirectoryPosition directory;

  // All that came, but pings and pongs.
  std::vector<federation::v1::SessionMessage> received;
  int pongs = 0;
  std::optional<absl::Status> closed;

  std::vector<federation::v1::DirectoryPart> Parts() const {
    std::vector<federation::v1::DirectoryPart> parts;
    for (const auto& message : received) {
      if (message.has_directory_part()) {
        parts.push_back(message.directory_part());
      }
    }
    return parts;
  }
  // The last word, or that there was none.
  std::string Farewell() const {
    const bool has_one = !received.empty() && received.back().has_goodbye();
    return has_one ? received.back().goodbye().reason() : "none";
  }

 private:
  void OnMessage(federation::v1::SessionMessage message) override {
    if (message.has_ping() && answers_pings) {
      AnswerPing(message.ping().sequence());
    }
    pongs += message.has_pong() ? 1 : 0;
    if (!message.has_ping() && !message.has_pong()) {
      received.push_back(std::move(message));
    }
  }
  void OnGarbage() override {}
  void OnSent() override {}
  void OnClosed(absl::Status status, bool /*from_peer*/) override {
    closed = std::move(status);
  }

  std::unique_ptr<federation::PeerStream> stream_;
};

}  // namespace interlink::testing
