#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "store/database.h"
#include "store/etcd/options.h"
#include "store/writer.h"

namespace interlink::store {

// An account that lies in etcd, and a copy of it in memory.
//
// What other replicas commit is told as what was committed here; commits that
// they made together are told as one. Unlike the other engine it mends a
// failure() by itself, so that Reopen() only tells whether it has; a failure
// with another code than UNAVAILABLE is for good, and then nothing is read
// either: open the account again.
class EtcdDatabase : public Database {
 public:
  // A commit has at most kMaxOps ops and so many bytes, because etcd takes 128
  // operations and 1.5 MiB in a transaction.
  static constexpr size_t kMaxBytes = 1024 * 1024;

  // Makes commits that begin from now on only while the key `<prefix>leader`
  // is the one that was made at this revision of etcd; nullopt: whoever leads.
  // A commit that comes too late gets UNAVAILABLE, and so do all later ones
  // until this is called again. Loop only.
  virtual void CommitAs(std::optional<int64_t> leadership) = 0;

  // Nothing waits for etcd on the loop: the Commit() that waits returns
  // UNIMPLEMENTED.
};

// Reads the account, or founds it if there is none under the prefix. Waits for
// etcd, for at most about EtcdOptions::patience: not to be called on the loop.
// `workplace.post` is needed.
//
// Errors: INVALID_ARGUMENT for options that cannot be used; UNAVAILABLE, with
// the reason STORE_UNAVAILABLE, if no member answers or etcd refuses;
// FAILED_PRECONDITION if the seal key is another or a later version of the
// program wrote the account; DATA_LOSS if something else has changed it. The
// messages say what to do.
absl::StatusOr<std::unique_ptr<EtcdDatabase>> OpenEtcd(EtcdOptions options,
                                                       Workplace workplace);

}  // namespace interlink::store
