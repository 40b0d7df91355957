#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "federation/identity/peer_verification.h"
#include "tests/support/child_process.h"

namespace interlink::bench {

// The floor as a child of the benchmark.
class FloorProcess {
 public:
  FloorProcess(const std::string& self, const std::string& folder)
      : process_({self, "floor", folder}) {
    address_ = "127.0.0.1:" + process_.ReadLine();
    absl::Base64Unescape(process_.ReadLine(), &pin_.roots.emplace_back());
    pin_.account_id = store::AccountId::FromHex(process_.ReadLine()).value();
  }
  int pid() const { return process_.pid(); }
  const std::string& address() const { return address_; }
  const federation::PeerPin& pin() const { return pin_; }

  // Opens so many empty streams to the other one.
  void Dial(const FloorProcess& other, int count) {
    process_.WriteLine(
        other.address() + " " + absl::Base64Escape(other.pin().roots[0]) + " " +
        other.pin().account_id.ToHex() + " " + std::to_string(count));
    process_.ReadLine();
  }

 private:
  testing::ChildProcess process_;
  std::string address_;
  federation::PeerPin pin_;
};

}  // namespace interlink::bench
