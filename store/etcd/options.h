#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace interlink::store {

// Where in etcd an account lies, and how to get there.
struct EtcdOptions {
  // What is shown to the members, and by which they are known; PEM.
  struct Tls {
    std::string authority;
    std::string certificate;
    std::string private_key;
  };

  // The client endpoints of the members, "HOST:PORT", in the order to try them.
  std::vector<std::string> endpoints;
  // What the account's keys begin with; ends with a slash. Each account has its
  // own, and none begins with that of another.
  std::string prefix;
  // nullopt: plain, which only endpoints on loopback may be.
  std::optional<Tls> tls;
  // Seal::kKeyBytes bytes, with which values are sealed.
  std::string seal_key;
  // How long one member may take to answer before the next is asked.
  std::chrono::milliseconds request_timeout{3'000};
  // How long etcd may be silent, or a commit unsettled, before no more commits
  // are taken.
  std::chrono::milliseconds patience{5'000};
};

// INVALID_ARGUMENT, saying what and why, if `options` cannot be used.
absl::Status CheckOptions(const EtcdOptions& options);

}  // namespace interlink::store
