#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// What etcd's errors mean to an administrator.
namespace interlink::store {

// Whether etcd itself has refused, so that nothing has changed or will. Any
// other error of a transaction leaves it unknown.
bool IsRefusal(const absl::Status& status);

// UNAVAILABLE, with the reason STORE_UNAVAILABLE.
absl::Status EtcdUnavailable(const std::string& sentence);

// One sentence: what `status`, an error of a call to etcd at `endpoint`, is
// about, and what to do.
std::string InWords(const std::string& endpoint, const absl::Status& status);

// Whether `status` is one of the two below: asking again, or elsewhere, does
// not help.
bool IsFinal(const absl::Status& status);

// DATA_LOSS: what lies under `name` in etcd was not written by Interlink.
absl::Status NotOurs(const std::string& name, absl::string_view detail);

// FAILED_PRECONDITION: etcd is not the one that the copy was read from, or was
// put back to what it was before; `detail` is how that shows.
absl::Status PutBack(std::string_view detail);

}  // namespace interlink::store
