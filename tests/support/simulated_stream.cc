#include "tests/support/simulated_stream.h"

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"
#include "tests/support/simulated_account.h"

namespace interlink::testing {
namespace {

using federation::Reason;
using federation::Refusal;

// How often what a cut holds up is tried again.
constexpr std::chrono::milliseconds kResend{200};

}  // namespace

class SimulatedWire::Stream : public federation::PeerStream {
 public:
  Stream(std::shared_ptr<SimulatedWire> wire, End end)
      : wire_(std::move(wire)), end_(end) {}

  ~Stream() override {
    wire_->NoteEnd(end_);
    wire_->sides_[end_].events = nullptr;
    wire_->Send(end_, {.closing = Closing{Refusal(Reason::kPeerUnreachable,
                                                  "the connection was reset"),
                                          false}});
  }

  void Open(Events& events) override {
    wire_->sides_[end_].events = &events;
    if (end_ == kAcceptor) {
      wire_->network_.time_.RunAt(wire_->network_.time_.Now(),
                                  [wire = wire_] { wire->Deliver(kAcceptor); });
      return;
    }
    ++wire_->network_.calls["Session"];
    wire_->network_.time_.RunAt(
        wire_->network_.time_.Now() + wire_->network_.latency,
        [wire = wire_] { wire->Connect(); });
  }

  void Send(const federation::v1::SessionMessage& message) override {
    // By way of its bytes, because a message may have a field as bytes only.
    federation::v1::SessionMessage sent;
    sent.ParseFromString(message.SerializeAsString());
    wire_->Send(end_, {.message = std::move(sent)});
    wire_->network_.time_.RunAt(wire_->network_.time_.Now(),
                                [wire = wire_, end = end_] {
                                  if (auto* events = wire->sides_[end].events)
                                    events->OnSent();
                                });
  }

  void Close(absl::Status status) override {
    const bool is_status = end_ == kAcceptor;
    wire_->Send(end_,
                {.closing = Closing{is_status ? std::move(status)
                                              : absl::UnavailableError("ended"),
                                    is_status}});
  }

  void Admit(store::InterlinkId) override {}

 private:
  const std::shared_ptr<SimulatedWire> wire_;
  const End end_;
};

SimulatedWire::SimulatedWire(SimulatedNetwork& network,
                             SimulatedAccount& dialer,
                             federation::PeerTarget target)
    : network_(network), dialer_(&dialer), target_(std::move(target)) {}

std::unique_ptr<federation::PeerStream> SimulatedWire::Dial(
    SimulatedNetwork& network, SimulatedAccount& dialer,
    const federation::PeerTarget& target) {
  std::shared_ptr<SimulatedWire> wire(
      new SimulatedWire(network, dialer, target));
  std::erase_if(network.wires_, [](const auto& old) { return old.expired(); });
  network.wires_.push_back(wire);
  return std::make_unique<Stream>(std::move(wire), kDialer);
}

bool SimulatedWire::Joins(const SimulatedAccount& a,
                          const SimulatedAccount& b) const {
  return (dialer_ == &a && acceptor_ == &b) ||
         (dialer_ == &b && acceptor_ == &a);
}

bool SimulatedWire::StandsFor(const SimulatedAccount& account,
                              const SimulatedAccount& peer) const {
  return Joins(account, peer) &&
         IsOpen(dialer_ == &account ? kDialer : kAcceptor);
}

bool SimulatedWire::IsOpen(End end) const {
  return acceptor_ != nullptr && sides_[end].events != nullptr &&
         !sides_[end].has_ended;
}

void SimulatedWire::NoteEnd(End end) {
  if (!IsOpen(end)) return;
  const End other = end == kDialer ? kAcceptor : kDialer;
  network_.stream_ends_[{AccountAt(end), AccountAt(other)}] =
      network_.time_.Now();
}

bool SimulatedWire::IsCut() const {
  const auto found = network_.at_.find(target_.address);
  return found != network_.at_.end() &&
         network_.cut_.contains({dialer_->name(), found->second->name()});
}

void SimulatedWire::Connect() {
  if (sides_[kDialer].events == nullptr || IsCut()) return;
  if (int& held = network_.hold_["Session"]; held > 0) {
    --held;
    network_.held_.push_back([self = shared_from_this()] { self->Connect(); });
    return;
  }
  const auto found = network_.at_.find(target_.address);
  if (found == network_.at_.end() || !found->second->is_running()) {
    Tell(kDialer,
         Refusal(Reason::kPeerUnreachable,
                 "connection refused at " + target_.address),
         false);
    return;
  }
  auto verified = found->second->Show(target_.pin, *dialer_);
  if (!verified.ok()) {
    Tell(kDialer, verified, false);
    return;
  }
  acceptor_ = found->second;
  acceptor_->account().sessions().Accept(
      dialer_->AsCaller(),
      std::make_unique<Stream>(shared_from_this(), kAcceptor));
}

void SimulatedWire::Send(End from, Item item) {
  const End to = from == kDialer ? kAcceptor : kDialer;
  item.sent = network_.time_.Now();
  item.due = item.sent + network_.NextFate().delay;
  if (!sides_[to].inbox.empty()) {
    item.due = std::max(item.due, sides_[to].inbox.back().due);
  }
  sides_[to].inbox.push_back(std::move(item));
  network_.time_.RunAt(sides_[to].inbox.back().due,
                       [self = shared_from_this(), to] { self->Deliver(to); });
}

void SimulatedWire::Deliver(End to) {
  Side& side = sides_[to];
  if (side.inbox.empty() || side.has_ended) return;
  // The acceptor's end delivers what came before it was opened.
  if (to == kAcceptor && acceptor_ == nullptr) return;
  if (IsCut()) {
    network_.time_.RunAt(
        network_.time_.Now() + kResend,
        [self = shared_from_this(), to] { self->Deliver(to); });
    return;
  }
  SimulatedAccount& receiver = to == kDialer ? *dialer_ : *acceptor_;
  while (!side.inbox.empty() && side.events != nullptr &&
         side.inbox.front().due <= network_.time_.Now()) {
    if (network_.on_arrival) network_.on_arrival("Session", receiver);
    if (side.events == nullptr) return;
    Item item = std::move(side.inbox.front());
    side.inbox.pop_front();
    if (item.closing) {
      Tell(to, item.closing->status, item.closing->from_peer);
      return;
    }
    if (item.message.has_pong() && network_.on_sign_of_life) {
      network_.on_sign_of_life(receiver, to == kDialer ? *acceptor_ : *dialer_,
                               item.sent);
    }
    side.events->OnMessage(std::move(item.message));
    if (network_.on_answer) network_.on_answer("Session", receiver);
  }
}

void SimulatedWire::Tell(End to, absl::Status status, bool from_peer) {
  Side& side = sides_[to];
  NoteEnd(to);
  if (side.events == nullptr || std::exchange(side.has_ended, true)) return;
  side.events->OnClosed(std::move(status), from_peer);
}

void SimulatedWire::Break() {
  const auto self = shared_from_this();
  for (const End end : {kDialer, kAcceptor}) {
    Tell(end, Refusal(Reason::kPeerUnreachable, "the connection was reset"),
         false);
  }
}

}  // namespace interlink::testing
