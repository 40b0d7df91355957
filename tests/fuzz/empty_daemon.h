#pragma once

#include <memory>

#include "grpcpp/channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace interlink::fuzz {

// A daemon in this process whose every answer, of a call or of a stream, is one
// message with nothing in it.
//
// Threading: any thread.
class EmptyDaemon {
 public:
  EmptyDaemon() {
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
  }

  std::shared_ptr<grpc::Channel> Connect() {
    return server_->InProcessChannel({});
  }

 private:
  class Call final : public grpc::ServerGenericBidiReactor {
   public:
    Call() { StartRead(&request_); }
    void OnReadDone(bool ok) override {
      if (ok) return StartRead(&request_);
      StartWriteAndFinish(&answer_, {}, grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer request_;
    const grpc::Slice nothing_;
    grpc::ByteBuffer answer_{&nothing_, 1};
  };

  struct Service final : grpc::CallbackGenericService {
    grpc::ServerGenericBidiReactor* CreateReactor(
        grpc::GenericCallbackServerContext* /*context*/) override {
      return new Call();
    }
  };

  Service service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace interlink::fuzz
