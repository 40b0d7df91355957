#include "daemon/doctor/way_trial.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

#include "federation/base/address.h"
#include "federation/base/settings.h"

namespace interlink::daemon {

using boost::system::error_code;
using federation::v1::LookupResponse;

namespace {

// Whether a connection failed because this machine has no way to any address
// like that one.
bool IsBeyondNetwork(const error_code& error) {
  namespace errc = boost::system::errc;
  return error == boost::asio::error::network_unreachable ||
         error == boost::asio::error::address_family_not_supported ||
         error == errc::address_not_available;
}

}  // namespace

std::string WithoutBrackets(const std::string& host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::shared_ptr<WayTrial> WayTrial::Start(AsioEventLoop& loop,
                                          HostLookup& names,
                                          federation::PeerClient& peers,
                                          federation::PeerTarget target,
                                          federation::v1::LookupRequest ping,
                                          Done done) {
  std::shared_ptr<WayTrial> trial(new WayTrial(
      loop, peers, std::move(target), std::move(ping), std::move(done)));
  const size_t colon = trial->target_.address.rfind(':');
  names.Find(WithoutBrackets(trial->target_.address.substr(0, colon)),
             trial->target_.address.substr(colon + 1), trial,
             [weak = trial->weak_from_this()](HostLookup::Found found) {
               const auto self = weak.lock();
               if (self != nullptr) self->Connect(std::move(found));
             });
  trial->end_of_step_.async_wait(
      [weak = trial->weak_from_this()](error_code off) {
        const auto self = weak.lock();
        if (self == nullptr || off || !self->outcome_.endpoints.empty()) return;
        self->outcome_.is_name_late = true;
        self->End();
      });
  return trial;
}

WayTrial::WayTrial(AsioEventLoop& loop, federation::PeerClient& peers,
                   federation::PeerTarget target,
                   federation::v1::LookupRequest ping, Done done)
    : loop_(loop),
      peers_(peers),
      target_(std::move(target)),
      ping_(std::move(ping)),
      done_(std::move(done)),
      end_of_step_(loop.context(), kNameTime) {
  outcome_.address = target_.address;
}

void WayTrial::Connect(HostLookup::Found found) {
  if (!done_) return;  // Too late.
  if (!found.ok()) {
    if (!absl::IsNotFound(found.status())) {
      outcome_.name_trouble = std::string(found.status().message());
    }
    return End();
  }
  outcome_.endpoints = *std::move(found);
  tries_.reserve(outcome_.endpoints.size());
  for (size_t i = 0; i < outcome_.endpoints.size(); ++i) {
    tries_.emplace_back(loop_.context())
        .socket.async_connect(outcome_.endpoints[i],
                              [weak = weak_from_this(), i](error_code error) {
                                const auto self = weak.lock();
                                if (self != nullptr) self->Ended(i, error);
                              });
  }
  end_of_step_.expires_after(kConnectTime);
  end_of_step_.async_wait([weak = weak_from_this()](error_code off) {
    const auto self = weak.lock();
    if (self != nullptr && !off && !self->tries_.empty()) self->EndTries();
  });
}

void WayTrial::Ended(size_t index, error_code error) {
  if (tries_.empty()) return;  // Time is up.
  tries_[index].result = error;
  if (!error && !outcome_.connected) {
    outcome_.connected = outcome_.endpoints[index];
  }
  // The other addresses are waited for: a dead one is told of, because a
  // connection may be tried there first.
  error_code ignored;
  tries_[index].socket.close(ignored);
  if (std::all_of(tries_.begin(), tries_.end(),
                  [](const Try& one) { return one.result.has_value(); })) {
    EndTries();
  }
}

void WayTrial::EndTries() {
  end_of_step_.cancel();
  for (size_t i = 0; i < tries_.size(); ++i) {
    const auto& result = tries_[i].result;
    if (result && !*result) continue;
    outcome_.dead_ends.push_back(
        {.endpoint = outcome_.endpoints[i],
         .why = result ? result->message() : "no answer",
         .is_beyond_network = result && IsBeyondNetwork(*result)});
  }
  tries_.clear();
  if (!outcome_.connected) return End();
  Ask();
}

void WayTrial::Ask() {
  peers_.Lookup(
      target_, ping_, federation::kCallTimeout,
      [weak = weak_from_this()](federation::PeerAnswer<LookupResponse> answer) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        self->outcome_.status = answer.status;
        self->outcome_.from_peer = answer.from_peer;
        self->End();
      });
}

void WayTrial::End() {
  if (done_) std::exchange(done_, nullptr)(std::move(outcome_));
}

}  // namespace interlink::daemon
