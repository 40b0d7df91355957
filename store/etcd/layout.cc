#include "store/etcd/layout.h"

#include <openssl/rand.h>

#include <cstdint>
#include <cstdlib>

#include "store/etcd/errors.h"

namespace interlink::store {
namespace {

constexpr std::string_view kData = "data/";
constexpr size_t kRevisionBytes = 8;
constexpr size_t kIdBytes = 16;

std::string WithRevision(Revision revision, std::string_view value) {
  std::string bytes;
  bytes.reserve(kRevisionBytes + value.size());
  for (size_t i = kRevisionBytes; i > 0; --i) {
    bytes += static_cast<char>(revision >> 8 * (i - 1) & 0xff);
  }
  return bytes += value;
}

// Of bytes that WithRevision() has made.
Revision StampOf(std::string_view bytes) {
  Revision revision = 0;
  for (char byte : bytes.substr(0, kRevisionBytes)) {
    revision = revision << 8 | static_cast<uint8_t>(byte);
  }
  return revision;
}

}  // namespace

// A prefix ends with a slash: see CheckOptions().
std::string Layout::end() const {
  std::string end = prefix_;
  ++end.back();
  return end;
}

std::string Layout::Data(std::string_view key) const {
  std::string name;
  name.reserve(prefix_.size() + kData.size() + key.size());
  return name.append(prefix_).append(kData).append(key);
}

std::optional<std::string> Layout::KeyOf(std::string_view name) const {
  if (!name.starts_with(prefix_)) return std::nullopt;
  name.remove_prefix(prefix_.size());
  if (!name.starts_with(kData) || name.size() == kData.size()) {
    return std::nullopt;
  }
  return std::string(name.substr(kData.size()));
}

std::string Layout::SealCommit(Revision count) const {
  std::string id(kIdBytes, '\0');
  if (RAND_bytes(reinterpret_cast<uint8_t*>(id.data()), kIdBytes) != 1) {
    std::abort();
  }
  return seal_.Close(commit(), WithRevision(count, id));
}

absl::StatusOr<Revision> Layout::OpenCommit(std::string_view sealed) const {
  const auto bytes = seal_.Open(commit(), sealed);
  if (absl::IsDataLoss(bytes.status())) {
    return absl::FailedPreconditionError(
        commit() +
        " in etcd does not open: the seal key is not the one that this account "
        "was sealed with, or the account was copied from another prefix; give "
        "the key that belongs to it");
  }
  if (!bytes.ok()) return NotOurs(commit(), bytes.status().message());
  if (bytes->size() == kRevisionBytes + kIdBytes) return StampOf(*bytes);
  return NotOurs(commit(), "it has the wrong length");
}

std::string Layout::SealValue(std::string_view key, Revision revision,
                              std::string_view value) const {
  return seal_.Close(Data(key), WithRevision(revision, value));
}

absl::StatusOr<Entry> Layout::OpenValue(std::string_view key,
                                        std::string_view sealed) const {
  const auto bytes = seal_.Open(Data(key), sealed);
  if (!bytes.ok()) return NotOurs(Data(key), bytes.status().message());
  if (bytes->size() < kRevisionBytes) {
    return NotOurs(Data(key), "it lacks its revision");
  }
  return Entry{std::string(key), bytes->substr(kRevisionBytes),
               StampOf(*bytes)};
}

}  // namespace interlink::store
