#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>

#include "daemon/peer/session_stream.h"
#include "daemon/rpc/rpc_counts.h"
#include "federation/base/event_loop.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::daemon {

// The accepting side of a Session stream. Deletes itself, on the loop, when
// gRPC is done with it.
//
// Threading: loop only, but for the constructor and the reactions. The loop
// must run until then.
class AcceptedSession final
    : public SessionStream,
      public grpc::ServerBidiReactor<grpc::ByteBuffer,
                                     federation::v1::SessionResponse> {
 public:
  struct Owner {
    // The link's peer has proved that it speaks over the stream.
    std::function<void(store::InterlinkId)> admitted;
    // A message of so many bytes was received, or was taken by the peer.
    std::function<void(size_t)> received;
    std::function<void(size_t)> sent;
    // Just before it is deleted.
    std::function<void(AcceptedSession&)> ended;
  };

  AcceptedSession(federation::EventLoop& loop,
                  grpc::CallbackServerContext& context, CountedCall counted)
      : loop_(loop), context_(context), counted_(counted) {}

  // Before MakeStream() or Refuse().
  void SetOwner(Owner owner) { owner_ = std::move(owner); }
  // Ends the stream with `status`, also instead of MakeStream().
  void Close(const absl::Status& status);

 private:
  void Begin() override;
  void Read() override;
  void Write(const federation::v1::SessionMessage& message) override;
  void EndWith(const absl::Status& status) override;
  void Cancel() override;
  void Admitted(store::InterlinkId link) override;
  void ReadEnded() override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

  federation::EventLoop& loop_;
  grpc::CallbackServerContext& context_;
  const CountedCall counted_;
  Owner owner_;
  bool is_over_ = false;  // Finish it once the write is done.
  bool is_finished_ = false;
  grpc::Status status_;  // Once it is finished.
  grpc::ByteBuffer bytes_;
  federation::v1::SessionRequest in_;
  federation::v1::SessionResponse out_;
};

}  // namespace interlink::daemon
