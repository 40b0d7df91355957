#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/peer/peer_stream.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::daemon {

// The half of a Session stream that lives with gRPC. Brings the reports of
// gRPC's threads to the loop, and keeps the rules of PeerStream there.
// Subclasses are the reactors of the two sides.
//
// It lives until gRPC is done with it; the PeerStream that the rules hold may
// go before.
// Threading: loop only, but for the reports.
class SessionStream {
 public:
  virtual ~SessionStream();
  SessionStream(const SessionStream&) = delete;
  SessionStream& operator=(const SessionStream&) = delete;

  // The half for the rules. To be called once.
  std::unique_ptr<federation::PeerStream> MakeStream();

 protected:
  SessionStream() = default;

  // Operations of gRPC. Never called while one of the same kind is under way.
  virtual void Begin() = 0;
  virtual void Read() = 0;
  virtual void Write(const federation::v1::SessionMessage& message) = 0;
  virtual void EndWith(const absl::Status& status) = 0;
  virtual void Cancel() = 0;
  virtual void Admitted(store::InterlinkId /*link*/) {}
  // Nothing more can be read.
  virtual void ReadEnded() = 0;

  // Reports of gRPC.
  void HasRead(bool ok, federation::v1::SessionMessage message);
  void HasReadGarbage();  // Bytes that are no message.
  void HasWritten(bool ok);
  // The last report. Tells the rules, if they still listen.
  void HasEnded(const absl::Status& status, bool from_peer);
  // Tells the rules nothing more.
  void Detach();

  bool is_writing() const { return is_writing_; }

 private:
  class Stream;

  void End();

  Stream* stream_ = nullptr;
  federation::PeerStream::Events* events_ = nullptr;
  bool is_writing_ = false;
  std::optional<absl::Status> closing_;  // Once it is to be closed.
  bool is_ended_ = false;                // EndWith() was called.
};

}  // namespace interlink::daemon
