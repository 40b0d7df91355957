#include "tests/bench/floor.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <malloc.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "absl/strings/escaping.h"
#include "daemon/asio_event_loop.h"
#include "daemon/os_randomness.h"
#include "daemon/tls_credentials.h"
#include "daemon/tls_identity.h"
#include "federation/identity.h"
#include "interlink/federation/v1/federation.grpc.pb.h"
#include "interlink/v1/interlink.grpc.pb.h"
#include "store/rocksdb_database.h"
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
};

}  // namespace

int RunFloor(const std::string& folder) {
  mallopt(M_ARENA_MAX, 1);  // As interlinkd does.
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
  over_tls.AddListeningPort("127.0.0.1:0", daemon::PeerServerCredentials(tls),
                            &port);
  over_tls.RegisterService(&service);
  auto tls_server = over_tls.BuildAndStart();
  v1::DaemonService::CallbackService daemon_service;
  grpc::ServerBuilder over_socket;
  over_socket.AddListeningPort("unix:" + folder + "/floor.sock",
                               grpc::InsecureServerCredentials());
  over_socket.RegisterService(&daemon_service);
  auto socket_server = over_socket.BuildAndStart();
  if (!tls_server || !socket_server) Fail("the floor cannot listen");

  std::cout << port << '\n'
            << absl::BytesToHexString(identity->root().ToDer()) << '\n'
            << identity->account_id().ToHex() << std::endl;
  std::cin.ignore(1, std::char_traits<char>::eof());
  tls_server->Shutdown();
  socket_server->Shutdown();
  return 0;
}

}  // namespace interlink::bench
