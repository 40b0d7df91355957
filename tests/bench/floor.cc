#include "tests/bench/floor.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <malloc.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/synchronization/mutex.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/os_randomness.h"
#include "daemon/tls/tls_credentials.h"
#include "daemon/tls/tls_identity.h"
#include "federation/identity/identity.h"
#include "interlink/federation/v1/federation.grpc.pb.h"
#include "interlink/v1/interlink.grpc.pb.h"
#include "store/rocksdb/database.h"
#include "tests/bench/empty_streams.h"
#include "tests/bench/figures.h"

namespace interlink::bench {
namespace {

class EmptyService final
    : public federation::v1::FederationService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Lookup(
      grpc::CallbackServerContext* context,
      const federation::v1::LookupRequest*,
      federation::v1::LookupResponse* response) override {
    response->mutable_entry()->set_name("A name, 16 bytes");
    response->mutable_entry()->set_contact("sip:{number}@127.0.0.1");
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerBidiReactor<federation::v1::SessionRequest,
                          federation::v1::SessionResponse>*
  Session(grpc::CallbackServerContext*) override {
    return new EmptySession;
  }

 private:
  // Answers the first message, and then nothing.
  class EmptySession final
      : public grpc::ServerBidiReactor<federation::v1::SessionRequest,
                                       federation::v1::SessionResponse> {
   public:
    EmptySession() { StartRead(&in_); }
    void OnReadDone(bool ok) override {
      if (ok && !has_answered_) {
        has_answered_ = true;
        StartWrite(&out_);
      }
      if (ok) {
        StartRead(&in_);
      } else {
        Finish(grpc::Status::OK);
      }
    }
    void OnDone() override { delete this; }

   private:
    bool has_answered_ = false;
    federation::v1::SessionRequest in_;
    federation::v1::SessionResponse out_;
  };
};

class EmptyResolver final : public v1::ResolverService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Resolve(grpc::CallbackServerContext* context,
                                    const v1::ResolveRequest* request,
                                    v1::ResolveResponse* response) override {
    v1::Resolution& resolution = *response->mutable_resolution();
    resolution.set_source(v1::RESOLUTION_SOURCE_PEER);
    resolution.set_complete(true);
    v1::Route& route = *resolution.add_routes();
    route.set_uri("sip:10000000@localhost");
    route.set_number(request->number());
    route.set_display_name("A name, 16 bytes");
    route.set_interlink_id("0123456789abcdef0123456789abcdef");
    route.set_interlink_name("member 10");
    route.mutable_expire_time()->set_seconds(1'700'000'000);
    route.mutable_expire_time()->set_nanos(123'456'789);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int RunFloor(const std::string& folder) {
  // As interlinkd does.
  mallopt(M_ARENA_MAX, 1);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  daemon::AsioEventLoop loop;
  daemon::OsRandomness randomness;
  auto database = store::OpenRocksDb(folder);
  if (!database.ok()) Fail(database.status().ToString());
  auto identity = federation::Identity::LoadOrCreate(**database, randomness,
                                                     loop.WallNow());
  if (!identity.ok()) Fail(identity.status().ToString());
  daemon::TlsIdentity tls(*identity, loop);

  EmptyService service;
  int port = 0;
  grpc::ServerBuilder over_tls;
  over_tls.AddListeningPort(
      "127.0.0.1:0", daemon::PeerServerCredentials(*tls.current()), &port);
  over_tls.RegisterService(&service);
  EmptyResolver resolver;
  over_tls.RegisterService(&resolver);
  auto tls_server = over_tls.BuildAndStart();
  v1::DaemonService::CallbackService daemon_service;
  grpc::ServerBuilder over_socket;
  over_socket.AddListeningPort("unix:" + folder + "/floor.sock",
                               grpc::InsecureServerCredentials());
  over_socket.RegisterService(&daemon_service);
  auto socket_server = over_socket.BuildAndStart();
  if (!tls_server || !socket_server) Fail("the floor cannot listen");

  std::cout << port << '\n'
            << absl::Base64Escape(identity->root().ToDer()) << '\n'
            << identity->account_id().ToHex() << std::endl;
  // "ADDRESS ROOT ACCOUNT COUNT": opens so many empty streams to it.
  std::unique_ptr<EmptyStreams> streams;
  std::string address, root, account;
  int count = 0;
  while (std::cin >> address >> root >> account >> count) {
    federation::PeerPin pin;
    pin.account_id = store::AccountId::FromHex(account).value();
    absl::Base64Unescape(root, &pin.roots.emplace_back());
    streams = std::make_unique<EmptyStreams>(tls, loop, address, pin, count);
    std::cout << "dialled" << std::endl;
  }
  streams.reset();
  tls_server->Shutdown();
  socket_server->Shutdown();
  return 0;
}

}  // namespace interlink::bench
