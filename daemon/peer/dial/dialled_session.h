#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <optional>
#include <string>

#include "daemon/peer/dial/peer_calls.h"
#include "daemon/peer/session_stream.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::daemon {

// The dialling side of a Session stream.
//
// Belongs to PeerCalls until gRPC is done with it. Threading: loop only, but
// for the reactions.
class DialledSession final
    : public PeerCall,
      public SessionStream,
      private grpc::ClientBidiReactor<federation::v1::SessionRequest,
                                      grpc::ByteBuffer> {
 public:
  DialledSession(std::shared_ptr<PeerCalls> calls,
                 const federation::PeerTarget& target);
  ~DialledSession() override;

  void Abandon() override;

 private:
  void Begin() override;
  void Read() override;
  void Write(const federation::v1::SessionMessage& message) override;
  void EndWith(const absl::Status& status) override;
  void Cancel() override;
  void ReadEnded() override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  // Begins the stream, now that there is a channel.
  void Start();
  // The loop will start no more operations.
  void ReleaseHold();
  void Finish(const grpc::Status& status);

  const std::shared_ptr<PeerCalls> calls_;
  const federation::PeerTarget target_;
  std::shared_ptr<PeerChannel> channel_;  // Once it has begun.
  std::optional<CountedCall> counted_;    // Once gRPC has it.
  grpc::ClientContext context_;
  bool is_started_ = false;  // gRPC has it.
  bool has_hold_ = false;
  bool is_cancelled_ = false;
  federation::v1::SessionRequest out_;
  grpc::ByteBuffer bytes_;
  federation::v1::SessionResponse in_;
};

}  // namespace interlink::daemon
