#include "store/batch.h"

#include <algorithm>
#include <string_view>

namespace interlink::store {
namespace {

absl::Status CheckOp(const Op& op) {
  if (!IsUserKey(op.key)) {
    return absl::InvalidArgumentError(
        "a key is not empty and does not begin with a zero byte");
  }
  const size_t value_bytes = op.value ? op.value->size() : 0;
  if (value_bytes <= kMaxValueBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the value of " + op.key + " has " + std::to_string(value_bytes) +
      " bytes, more than " + std::to_string(kMaxValueBytes));
}

}  // namespace

bool IsUserKey(std::string_view key) { return !key.empty() && key[0] != '\0'; }

size_t BytesOf(const std::vector<Op>& ops) {
  size_t bytes = 0;
  for (const Op& op : ops) {
    bytes += op.key.size() + (op.value ? op.value->size() : 0);
  }
  return bytes;
}

absl::Status CheckLimits(const Batch& batch, size_t max_ops, size_t max_bytes) {
  if (batch.ops.size() > max_ops || batch.preconditions.size() > max_ops) {
    return absl::InvalidArgumentError("a commit has at most " +
                                      std::to_string(max_ops) +
                                      " changes and as many preconditions");
  }
  std::vector<std::string_view> keys;
  keys.reserve(batch.ops.size());
  for (const Op& op : batch.ops) {
    if (auto s = CheckOp(op); !s.ok()) return s;
    keys.push_back(op.key);
  }
  if (const size_t bytes = BytesOf(batch.ops); bytes > max_bytes) {
    return absl::InvalidArgumentError("a commit of " + std::to_string(bytes) +
                                      " bytes is larger than " +
                                      std::to_string(max_bytes));
  }
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) {
    return absl::InvalidArgumentError("a commit changes " +
                                      std::string(*twice) + " twice");
  }
  return absl::OkStatus();
}

absl::Status CheckHolds(const Precondition& precondition, Revision database,
                        std::optional<Revision> key) {
  const std::string expected =
      ", expected at revision " + std::to_string(precondition.revision);
  if (precondition.key.empty()) {
    if (database == precondition.revision) return absl::OkStatus();
    return absl::AbortedError("the store is at revision " +
                              std::to_string(database) + expected);
  }
  if (!key) {
    if (precondition.revision == 0) return absl::OkStatus();
    return absl::AbortedError(precondition.key + " does not exist" + expected);
  }
  if (precondition.revision == 0) {
    return absl::AbortedError(precondition.key + " exists already");
  }
  if (*key == precondition.revision) return absl::OkStatus();
  return absl::AbortedError(precondition.key + " is at revision " +
                            std::to_string(*key) + expected);
}

}  // namespace interlink::store
