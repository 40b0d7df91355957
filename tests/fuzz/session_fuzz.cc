// A linked peer that says in its sessions whatever it likes, in whatever order,
// while time passes and the account that it attacks goes on with its work.

#include <array>
#include <chrono>
#include <map>
#include <optional>

#include "federation/directory/directory_position.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/linked_world.h"
#include "tests/fuzz/target.h"
#include "tests/support/scripted_peer.h"

namespace interlink::fuzz {
namespace {

namespace wire = federation::v1;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using wire::SessionMessage;

constexpr int kMostSteps = 24;

// What John says, step by step, over up to two streams.
class HostileJohn {
 public:
  explicit HostileJohn(LinkedWorld& world) : world_(world) {
    Dial();
    stream()->Greet(world_.johns_link.ToHex());
    world_.time.Advance(10ms);
  }

  void Step(Input& input) {
    static constexpr void (HostileJohn::*kSteps[])(Input&) = {
        &HostileJohn::Wait,       &HostileJohn::Bytes,
        &HostileJohn::Hello,      &HostileJohn::PingPong,
        &HostileJohn::Subscribe,  &HostileJohn::Part,
        &HostileJohn::Lookup,     &HostileJohn::LookupAnswer,
        &HostileJohn::Introduce,  &HostileJohn::Terminate,
        &HostileJohn::EndAnswers, &HostileJohn::Goodbye,
        &HostileJohn::Streams,    &HostileJohn::Administrator,
    };
    (this->*kSteps[input.Below(std::size(kSteps))])(input);
  }

 private:
  std::unique_ptr<testing::ScriptedPeer>& stream() {
    return streams_[current_];
  }
  void Dial() {
    stream() = std::make_unique<testing::ScriptedPeer>(
        world_.network, world_.john, world_.mike);
    stream()->directory = PositionOf(claimed_);
  }
  void Send(const SessionMessage& message) {
    if (stream() != nullptr && !stream()->closed) stream()->Send(message);
  }

  void Wait(Input& input) {
    constexpr std::array<federation::Duration, 8> kWaits = {
        1ms, 0ms, 100ms, 1s, 3s, 11s, 31s, 61s};
    world_.time.Advance(kWaits[input.Below(kWaits.size())]);
  }
  // As they come over the wire.
  void Bytes(Input& input) {
    SessionMessage message;
    if (message.ParseFromString(input.Block())) Send(message);
  }
  void Hello(Input& input) {
    const size_t flags = input.Byte();
    SessionMessage message;
    auto& hello = *message.mutable_hello();
    hello.set_interlink_id(IdFrom(input));
    hello.set_protocol_min(flags & 1 ? 2 : 1);
    hello.set_protocol_max(flags & 2 ? 0 : 1);
    hello.set_epoch(flags & 4 ? ~uint64_t{0} : input.Byte());
    hello.set_instance_id(std::string(16, static_cast<char>(input.Byte())));
    hello.mutable_introduction()->set_contact("sip:{number}@johnsmith.test");
    Send(message);
  }
  void PingPong(Input& input) {
    const size_t flags = input.Byte();
    if (stream() != nullptr) stream()->answers_pings = (flags & 1) == 0;
    SessionMessage message;
    if (flags & 2) {
      message.mutable_ping()->set_sequence(input.Byte());
    } else {
      message.mutable_pong()->set_sequence(input.Byte());
      *message.mutable_pong()->mutable_directory() = PositionFrom(input);
    }
    if (flags & 4) Send(message);
  }
  void Subscribe(Input& input) {
    const size_t flags = input.Byte();
    SessionMessage message;
    message.mutable_subscribe()->set_stop((flags & 1) != 0);
    if (flags & 2) {
      *message.mutable_subscribe()->mutable_have() = PositionFrom(input);
    }
    Send(message);
  }

  // A part of the directory that he claims to have; its sum is the right one
  // unless the input says otherwise.
  void Part(Input& input) {
    const size_t flags = input.Byte();
    SessionMessage message;
    auto& part = *message.mutable_directory_part();
    part.set_begins_snapshot((flags & 1) != 0);
    if (part.begins_snapshot()) claimed_.clear();
    for (size_t removed = input.Below(4); removed > 0; --removed) {
      const std::string digits = NumberFrom(input);
      part.add_removed_numbers(digits);
      claimed_.erase(digits);
    }
    const size_t first = input.Byte();
    for (size_t i = 0, run = input.Below(64); i < run; ++i) {
      Add(std::to_string(first + i), {}, part);
    }
    for (size_t odd = input.Below(4); odd > 0; --odd) {
      const std::string digits = NumberFrom(input);
      const std::string name = input.Text();
      Add(digits, {name, input.Text()}, part);
    }
    const wire::DirectoryPosition sum = PositionOf(claimed_);
    if (flags & 2) {
      *part.mutable_directory() = flags & 4 ? PositionFrom(input) : sum;
    }
    if (stream() != nullptr && (flags & 8) == 0) stream()->directory = sum;
    Send(message);
  }
  struct Texts {
    std::string name;
    std::string contact;
  };
  void Add(const std::string& digits, const Texts& texts,
           wire::DirectoryPart& part) {
    auto& entry = *part.add_entries();
    entry.set_number(digits);
    entry.set_name(texts.name);
    entry.set_contact(texts.contact);
    claimed_[digits] = texts;
  }
  static wire::DirectoryPosition PositionOf(
      const std::map<std::string, Texts>& entries) {
    federation::DirectoryPosition sum{.sequence = entries.size()};
    for (const auto& [digits, texts] : entries) {
      ++sum.count;
      if (auto number = store::InternalNumber::Parse(digits)) {
        sum.digest +=
            federation::EntryDigest(*number, texts.name, texts.contact);
      }
    }
    return federation::ToProto(sum);
  }

  void Lookup(Input& input) {
    SessionMessage message;
    message.mutable_lookup()->set_call(input.Byte());
    message.mutable_lookup()->set_number(NumberFrom(input));
    Send(message);
  }
  void LookupAnswer(Input& input) {
    SessionMessage message;
    auto& answer = *message.mutable_lookup_answer();
    answer.set_call(input.Byte());
    answer.set_reason(ReasonFrom(input));
    answer.set_message(input.Text());
    if (input.Flag()) {
      auto& entry = *answer.mutable_response()->mutable_entry();
      entry.set_name(input.Text());
      entry.set_contact(input.Text());
    }
    Send(message);
  }
  void Introduce(Input& input) {
    SessionMessage message;
    auto& introduction = *message.mutable_introduction();
    introduction.set_sequence(input.Byte());
    introduction.set_paused(input.Flag());
    introduction.set_account_name(input.Text());
    introduction.set_contact(input.Text());
    for (size_t count = input.Below(6); count > 0; --count) {
      introduction.add_addresses(input.Text());
    }
    Send(message);
  }
  void Terminate(Input& input) {
    SessionMessage message;
    auto& terminate = *message.mutable_terminate();
    terminate.set_call(input.Byte());
    terminate.mutable_request()->set_interlink_id(IdFrom(input));
    terminate.mutable_request()->set_redeem_id(input.Text());
    terminate.mutable_request()->set_proof(input.Text());
    Send(message);
  }
  void EndAnswers(Input& input) {
    SessionMessage message;
    if (input.Flag()) {
      message.mutable_terminate_answer()->set_call(input.Byte());
      message.mutable_terminate_answer()->set_reason(ReasonFrom(input));
    } else {
      message.mutable_introduction_stored()->set_sequence(input.Byte());
    }
    Send(message);
  }
  void Goodbye(Input& input) {
    SessionMessage message;
    message.mutable_goodbye()->set_reason(ReasonFrom(input));
    message.mutable_goodbye()->set_message(input.Text());
    Send(message);
  }
  void Streams(Input& input) {
    const size_t flags = input.Byte();
    current_ = flags & 1;
    if (flags & 2) {
      stream() = nullptr;
    } else if (stream() == nullptr || (flags & 4) != 0) {
      Dial();
    }
  }
  // What Mike's administrator and his PBX do meanwhile.
  void Administrator(Input& input) {
    auto& mike = world_.mike;
    switch (input.Below(4)) {
      case 0: {
        testing::api::ResolveRequest request;
        request.set_number(NumberFrom(input));
        request.set_bypass_mirror(input.Flag());
        auto& resolver = mike.account().resolver();
        if (!resolver.AnswerAtOnce(request)) {
          resolver.AskPeers(request, [](const auto&) {});
        }
        return;
      }
      case 1:
        if (mike.Row("John Smith")) {
          mike.SetPaused("John Smith", input.Flag()).IgnoreError();
        }
        return;
      case 2:
        mike.Delete("John Smith").IgnoreError();
        return;
      default:
        mike.account().reachable().List({}).status().IgnoreError();
        return;
    }
  }

  std::string IdFrom(Input& input) const {
    const store::InterlinkId ids[] = {world_.johns_link, world_.tims_link,
                                      world_.pending_key.interlink_id};
    const size_t which = input.Below(4);
    return which < 3 ? ids[which].ToBytes() : input.Text();
  }
  static std::string NumberFrom(Input& input) {
    const size_t byte = input.Byte();
    return byte < 250 ? std::to_string(100 + byte) : input.Text();
  }
  static std::string ReasonFrom(Input& input) {
    constexpr const char* kReasons[] = {"", "LINK_TERMINATED", "LINK_UNKNOWN",
                                        "RATE_LIMITED", "LINK_PAUSED"};
    const size_t which = input.Below(6);
    return which < 5 ? kReasons[which] : input.Text();
  }
  wire::DirectoryPosition PositionFrom(Input& input) const {
    wire::DirectoryPosition position = PositionOf(claimed_);
    switch (input.Below(4)) {
      case 0:
        break;
      case 1:
        position.set_sequence(input.Byte());
        break;
      case 2:
        position.set_count(input.Byte());
        break;
      default:
        position.set_digest(input.Text());
        break;
    }
    return position;
  }

  LinkedWorld& world_;
  std::array<std::unique_ptr<testing::ScriptedPeer>, 2> streams_;
  size_t current_ = 0;
  std::map<std::string, Texts> claimed_;
};

void CheckTheRest(LinkedWorld& world) {
  const auto& mirrors = world.mike.account().mirrors();
  Require(mirrors.size() <=
              static_cast<size_t>(world.mike.settings.max_mirrored_numbers),
          "the mirrors are within their limit");
  const auto links = world.Links();
  Require(links.contains(world.tims_link) &&
              links.at(world.tims_link) == world.tim.identity().account_id(),
          "the other link stands");
  for (const auto& [id, account] : links) {
    Require(id == world.tims_link ||
                (id == world.johns_link &&
                 account == world.john.identity().account_id()),
            "a session makes no link");
  }
}

void CheckTimIsReached(LinkedWorld& world) {
  const auto resolution = world.mike.Resolve("301");
  bool leads_to_tim = false;
  if (resolution.ok()) {
    for (const auto& route : resolution->routes()) {
      leads_to_tim |= route.uri() == "sip:301@timandrews.test";
    }
  }
  Require(leads_to_tim, "the other link's numbers are found");
}

const Registration kSessionTarget("session", [](std::string_view bytes) {
  LinkedWorld& world = LinkedWorld::Fresh();
  Input input(bytes);
  {
    HostileJohn john(world);
    for (int i = 0; i < kMostSteps && !input.empty(); ++i) {
      john.Step(input);
      CheckTheRest(world);
    }
    world.time.Advance(10ms);
    CheckTheRest(world);
    Require(world.AreNumbersUntouched(), "a session changes no number here");
    CheckTimIsReached(world);
  }
  world.PutBack();
  Require(world.mike.account().mirrors().size() == 1,
          "what a link said goes with it");
});

}  // namespace
}  // namespace interlink::fuzz
