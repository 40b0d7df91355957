#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/database.h"
#include "store/etcd/seal.h"

namespace interlink::store {

// How an account lies in etcd:
//
//   <prefix>commit      what the latest commit has made: its count, which is
//   the
//                       revision of the database, and 16 random bytes
//   <prefix>leader      who may commit, if there are several replicas
//   <prefix>data/<key>  the revision of the commit that wrote it, and the value
//
// Counts and revisions are 8 bytes, highest first. All values but that of the
// leader are sealed under their whole name in etcd.
//
// A value; used from any thread.
class Layout {
 public:
  Layout(std::string prefix, Seal seal)
      : prefix_(std::move(prefix)), seal_(std::move(seal)) {}

  const std::string& prefix() const { return prefix_; }
  // The first name after all of the account's.
  std::string end() const;
  std::string commit() const { return prefix_ + "commit"; }
  std::string leader() const { return prefix_ + "leader"; }
  std::string Data(std::string_view key) const;
  // The key of Data(); nullopt if it is not the name of one.
  std::optional<std::string> KeyOf(std::string_view name) const;

  // The value of commit(), different each time.
  std::string SealCommit(Revision count) const;
  // Errors: FAILED_PRECONDITION if the seal key is another; DATA_LOSS if
  // something else wrote the value.
  absl::StatusOr<Revision> OpenCommit(std::string_view sealed) const;

  std::string SealValue(std::string_view key, Revision revision,
                        std::string_view value) const;
  // DATA_LOSS, naming `key`, if the value was not sealed under it.
  absl::StatusOr<Entry> OpenValue(std::string_view key,
                                  std::string_view sealed) const;

 private:
  std::string prefix_;
  Seal seal_;
};

}  // namespace interlink::store
