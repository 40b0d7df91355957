#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace etcdserverpb {
class RangeRequest;
class RangeResponse;
class TxnRequest;
class TxnResponse;
class WatchRequest;
class WatchResponse;
}  // namespace etcdserverpb

namespace interlink::store {

struct EtcdOptions;

// Calls to etcd that wait for the answer, at one member after another: whoever
// calls decides when to go on to the next one.
//
// Threading: one thread calls; Cancel() and Leave() from any.
// Errors: what etcd or gRPC said, with gRPC's code; CANCELLED after Cancel().
class EtcdClient {
 public:
  // A watch that was begun.
  class Stream {
   public:
    virtual ~Stream() = default;
    // Waits for the next answer. OUT_OF_RANGE if the watch has ended because of
    // a compaction.
    virtual absl::Status Read(etcdserverpb::WatchResponse* response) = 0;
  };

  // REQUIRES: CheckOptions(options) is OK.
  explicit EtcdClient(const EtcdOptions& options);
  ~EtcdClient();

  absl::Status Range(const etcdserverpb::RangeRequest& request,
                     etcdserverpb::RangeResponse* response);
  absl::Status Txn(const etcdserverpb::TxnRequest& request,
                   etcdserverpb::TxnResponse* response);
  // Only one watch at a time, and no call while it lives.
  std::unique_ptr<Stream> Watch(const etcdserverpb::WatchRequest& request);

  // The member that is asked, "HOST:PORT".
  const std::string& endpoint() const;
  size_t endpoints() const;
  // Goes on to the next one.
  void Move();

  // Waits; false if Cancel() has ended that.
  bool Pause(std::chrono::milliseconds time);
  // Ends what is under way, and everything that comes later, soon.
  void Cancel();
  bool is_cancelled() const;
  // Ends a call or watch under way if it is at this endpoint.
  void Leave(const std::string& endpoint);

 private:
  struct State;
  class WatchStream;

  const std::unique_ptr<State> state_;
};

}  // namespace interlink::store
