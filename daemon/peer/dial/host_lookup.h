#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Asks the system for the addresses of host names. The system may take half a
// minute over a name and cannot be interrupted, so up to kMostThreads threads
// ask it, and nobody waits for them.
//
// Threading: loop only. Lifetime: the loop must outlive it; at its destruction
// open questions are forgotten.
class HostLookup {
 public:
  static constexpr int kMostThreads = 64;
  static constexpr size_t kMostEndpoints = 8;

  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  // The addresses of a name, never none of them. Errors: NOT_FOUND if it has
  // none for certain, UNAVAILABLE, saying why, if it cannot be looked up now.
  using Found = absl::StatusOr<Endpoints>;
  using Done = absl::AnyInvocable<void(Found)>;
  // The addresses of a name, in the order of the system. On any thread.
  using Ask =
      std::function<Found(const std::string& host, const std::string& port)>;
  static Found AskSystem(const std::string& host, const std::string& port);

  // `ask` may take its time.
  explicit HostLookup(federation::EventLoop& loop, Ask ask = AskSystem);
  ~HostLookup();

  // Calls `done` on the loop, never before the return, with the addresses of
  // the name InTurn(). Once `asker` has expired, `done` is not called, and the
  // system perhaps not asked.
  void Find(std::string host, std::string port, std::weak_ptr<void> asker,
            Done done);

  // At most kMostEndpoints of `endpoints`, in the order in which to try them:
  // IPv6 and IPv4 in turn (RFC 8305 section 4). If there are more, each `round`
  // goes on where the one before has ended.
  static Endpoints InTurn(Endpoints endpoints, size_t round);

 private:
  struct Questions;  // Lives on in threads that still ask.

  const std::shared_ptr<Questions> questions_;
};

}  // namespace interlink::daemon
