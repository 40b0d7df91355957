#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace interlink::daemon {

// Finds out which of a name's addresses answers, by staggered tries (RFC 8305
// section 5). After a silent address the next is tried a quarter of a second
// later, after one that refuses at once. The connections are only trials, and
// are closed again.
//
// Each try costs a descriptor until the race is over. Threading: loop only.
// Lifetime: `context` must outlive it; destroying it calls it off.
class AddressRace : public std::enable_shared_from_this<AddressRace> {
 public:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  // Called on the loop, never before Start() has returned, with the addresses
  // in the order in which to connect to them: first the one that answered, last
  // those that were tried before it. If none answered in time, the order is as
  // it was.
  using Done = absl::AnyInvocable<void(Endpoints)>;

  struct Times {
    std::chrono::milliseconds stagger{250};
    std::chrono::milliseconds whole{4'000};
  };

  static std::shared_ptr<AddressRace> Start(boost::asio::io_context& context,
                                            Endpoints endpoints, Times times,
                                            Done done);

 private:
  AddressRace(boost::asio::io_context& context, Endpoints endpoints,
              Times times, Done done);

  void TryNext();
  void HasFailed();
  // Calls `done_`, with the address `first` in front.
  void End(size_t first);

  boost::asio::io_context& context_;
  Endpoints endpoints_;
  const Times times_;
  Done done_;  // Until it was called.
  boost::asio::steady_timer next_;
  boost::asio::steady_timer end_;
  std::deque<boost::asio::ip::tcp::socket> tries_;  // Of the first endpoints.
  size_t failed_ = 0;
};

}  // namespace interlink::daemon
