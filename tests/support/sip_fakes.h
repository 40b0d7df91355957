#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/sip/call_directory.h"
#include "daemon/sip/reply_path.h"
#include "federation/base/reason.h"
#include "tests/support/sip_message.h"

namespace interlink::testing {

// A way back that keeps what is sent.
class KeptAnswers final : public daemon::ReplyPath {
 public:
  struct Sent {
    std::string text;
    uint16_t port;
  };

  void Send(std::string_view text, uint16_t port) override {
    sent_->push_back({std::string(text), port});
  }
  std::shared_ptr<daemon::ReplyPath> Keep() override {
    return std::make_shared<KeptAnswers>(*this);
  }

  std::vector<Sent>& sent() { return *sent_; }
  std::vector<int> statuses() const {
    std::vector<int> all;
    for (const Sent& sent : *sent_) all.push_back(SipStatus(sent.text));
    return all;
  }

 private:
  std::shared_ptr<std::vector<Sent>> sent_ =
      std::make_shared<std::vector<Sent>>();
};

// An account whose answers are in a table. What is in none is not found.
class FakeCalls final : public daemon::CallDirectory {
 public:
  std::optional<Answer> AnswerAtOnce(const daemon::SipCall& call) override {
    asked.push_back(call);
    if (slow) return std::nullopt;
    return Find(call);
  }
  void AskPeers(const daemon::SipCall& call, Done done) override {
    asked_peers.emplace_back(call, std::move(done));
  }
  Answer Admit(const daemon::SipCall& call) override {
    admitted.push_back(call);
    return Find(call);
  }

  // Answers the oldest question to peers.
  void PeersAnswer(Answer answer) {
    auto first = std::move(asked_peers.front());
    asked_peers.erase(asked_peers.begin());
    first.second(std::move(answer));
  }

  std::map<std::string, Answer> known;
  bool slow = false;  // Whether peers have to be asked.
  std::vector<daemon::SipCall> asked;
  std::vector<daemon::SipCall> admitted;
  std::vector<std::pair<daemon::SipCall, Done>> asked_peers;

 private:
  Answer Find(const daemon::SipCall& call) const {
    const auto found = known.find(call.dialled);
    return found != known.end() ? found->second : NotFound();
  }
  static Answer NotFound() {
    return federation::Refusal(federation::Reason::kNumberNotFound, "nobody");
  }
};

}  // namespace interlink::testing
