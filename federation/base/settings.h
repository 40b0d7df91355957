#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "federation/base/address.h"
#include "federation/base/event_loop.h"
#include "federation/base/host.h"
#include "store/internal_number.h"

namespace interlink::federation {

// The administrator's settings of the account, each with its flag.
struct AccountSettings {
  std::string account_name;            // --account-name; shown to peers.
  std::vector<std::string> addresses;  // --advertise; none: not reachable.
  // --contact: what peers make SIP URIs of.
  std::string contact = "sip:{number}@localhost";
  // Whether the administrator set `contact`. If so, it is his PBX, and no route
  // of a peer may lead to it.
  bool is_contact_set = false;
  // Where the PBX asks this daemon, by SIP and by HTTP. No route of a peer may
  // lead there. 0.0.0.0 and [::] stand for loopback and for the names that are
  // told to peers; the machine's other addresses are named beside them.
  std::vector<HostPort> doors;
  // --contact-hosts: the only hosts that peers' routes may lead to; none: any.
  std::vector<Host> contact_hosts;
  // --never-remote: numbers that peers are never asked about.
  std::vector<store::InternalNumber> never_remote;
  int lookup_limit = 2000;      // --lookup-limit: a second, per link; 0: off.
  int redeem_limit = 5;         // --redeem-limit: refused proofs a minute, per
                                // source; 0: off.
  int redeem_limit_total = 20;  // The same a second, in all.
  int max_interlinks = 10'000;
  int max_numbers = 2'000'000;
  // --max-stale: how long the last word of a mirror may be given out.
  std::chrono::seconds max_stale = std::chrono::hours(1);
  // --max-mirrored-numbers: of all peers together.
  int max_mirrored_numbers = 2'000'000;
  int max_mirrored_numbers_per_link = 100'000;
  // --call-admission token: peers' calls are let in by call token only.
  bool asks_for_call_tokens = false;
  // --call-token-life: how far a token's time may be from the call clock.
  std::chrono::seconds call_token_life = std::chrono::minutes(3);
  int call_limit = 20;  // --call-limit: calls a second let in over one link; 0:
                        // off.
};

// Times of the protocol (design.md sections 5 to 10).
inline constexpr std::chrono::hours kDefaultKeyLife{7 * 24};
inline constexpr std::chrono::minutes kMinKeyLife{5};
inline constexpr std::chrono::hours kMaxKeyLife{90 * 24};
inline constexpr std::chrono::seconds kDefaultLinkWait{15};
inline constexpr std::chrono::milliseconds kAnswerBeforeDeadline{500};
// How long LinkAccount waits for the link if its caller waits for `left`: until
// half a second before that, or half of it if that is longer.
inline Duration LinkWait(Duration left) {
  const Duration bounded = std::min<Duration>(left, std::chrono::hours(1));
  return bounded - std::min<Duration>(bounded / 2, kAnswerBeforeDeadline);
}
inline constexpr std::chrono::seconds kPingInterval{10};
inline constexpr std::chrono::seconds kAnswerCounts{30};
// How long a link counts as connected after its session has ended.
inline constexpr std::chrono::seconds kSessionCounts{5};
inline constexpr std::chrono::seconds kStartSpread{5};
// A session that has lived this long is healthy: its end is no failure.
inline constexpr std::chrono::seconds kHealthyAfter{60};
inline constexpr std::chrono::seconds kCallTimeout{5};
inline constexpr std::chrono::milliseconds kResolveBudget{800};
// How long a mirror is in step after the pong that named its position.
inline constexpr std::chrono::seconds kLease{12};
inline constexpr std::chrono::hours kDefaultMaxStale{1};
inline constexpr std::chrono::hours kTombstoneLife{400 * 24};
inline constexpr std::chrono::hours kOutboxLife{90 * 24};
inline constexpr uint32_t kOwnProtocol = 1;
// The name of call tokens among the features of a Hello.
inline constexpr std::string_view kCallTokenFeature = "call-token";
// Of a Terminate that names the link which is kept.
inline constexpr std::string_view kMergeFeature = "merge";
// How often one token is let in: several times, because a PBX calls again under
// a new Call-ID. The Call-ID does not matter, because the caller chooses it and
// may use one for many calls.
inline constexpr int kMostAdmissions = 8;
inline constexpr std::chrono::seconds kMinCallTokenLife{30};
inline constexpr std::chrono::minutes kMaxCallTokenLife{10};
// A route must not outlive its token, whose date may be off by half of
// kAnswerCounts and one second.
static_assert(kLease + kAnswerCounts / 2 + std::chrono::seconds(1) <
              kMinCallTokenLife);
inline constexpr size_t kMaxDialPrefix = 6;  // Digits.
// Of a new interlink, from 0 to 1000, the lower first.
inline constexpr uint32_t kDefaultPriority = 100;

}  // namespace interlink::federation
