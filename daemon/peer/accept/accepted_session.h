#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>

#include "daemon/peer/session_stream.h"
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
    // The link's peer speaks over it.
    std::function<void(store::InterlinkId)> admitted;
    // A message was heard, or one was taken by the peer, of so many bytes.
    std::function<void(size_t)> heard;
    std::function<void(size_t)> told;
    // Just before it is deleted.
    std::function<void(AcceptedSession&)> ended;
  };

  AcceptedSession(federation::EventLoop& loop,
                  grpc::CallbackServerContext& context)
      : loop_(loop), context_(context) {}

  // Before MakeStream() or Refuse().
  void SetOwner(Owner owner) { owner_ = std::move(owner); }
  // Instead of MakeStream(), or while the stream stands.
  void Shut(const absl::Status& status);

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
  Owner owner_;
  bool is_over_ = false;  // To be finished once the write is done.
  bool is_finished_ = false;
  grpc::ByteBuffer bytes_;
  federation::v1::SessionRequest in_;
  federation::v1::SessionResponse out_;
};

}  // namespace interlink::daemon
