#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/database.h"

namespace etcdserverpb {
class Event;
}

namespace interlink::store {

class EtcdClient;
class Layout;
struct EtcdOptions;

// What etcd holds of an account, as of one of etcd's revisions.
struct Contents {
  uint64_t cluster = 0;
  int64_t etcd_revision = 0;
  // The value of Layout::commit(), sealed; empty if the account is new.
  std::string commit;
  int64_t commit_revision = 0;  // etcd's, of the commit.
  Revision revision = 0;        // The database's: the commit's count.
  std::vector<Entry> entries;   // In the order of their keys.
};

// Reads it, in pages, from the member that `client` asks.
//
// Errors: as EtcdClient; DATA_LOSS or FAILED_PRECONDITION if it does not read
// back (Layout), or a later version of the program wrote it.
absl::StatusOr<Contents> Load(EtcdClient& client, const Layout& layout);

// Loads the account from the first member that has it, and founds it if there
// is none. Waits for at most about EtcdOptions::patience. Errors: as
// OpenEtcd().
absl::StatusOr<Contents> LoadOrFound(const EtcdOptions& options,
                                     const Layout& layout);

// One transaction that etcd has made of an account's keys.
struct Transaction {
  int64_t etcd_revision = 0;
  std::string commit;  // As Contents::commit.
  // The revision of the last of its commits; that of the commit before it if it
  // only settled whether another one was made.
  Revision revision = 0;
  std::vector<Change> changes;  // A deletion has the revision of the whole.
};

// Reads the transaction that the events, all of one of etcd's revisions, are.
// nullopt if it is not about the account's data. `before`: the count of the
// commit before it. Errors: DATA_LOSS, naming the key, if it was not Interlink
// that made it.
absl::StatusOr<std::optional<Transaction>> ReadTransaction(
    const Layout& layout, Revision before,
    const std::vector<const etcdserverpb::Event*>& events);

}  // namespace interlink::store
